"""Where work is done and on what: sites, equipment and its classes, processes."""

from typing import Literal

from pydantic import Field

from qualsvc.records.fields import Code, Day, IanaTimeZone, Measures, Text
from qualsvc.records.model import Record


class Site(Record):
    """厂区: a plant, with the time zone all dates on its equipment are local to."""

    name: Text
    time_zone: IanaTimeZone


class EquipmentClass(Record):
    """设备类: classes form a tree by `parent`."""

    name: Text
    parent: Code | None = None


class Equipment(Record):
    """设备: `ratings` are what certificates' limits must reach, by name."""

    name: Text
    equipment_class: Code
    site: Code
    status: Literal["in_service", "locked_out", "retired"]
    inspection_valid_until: Day | None = None
    ratings: Measures = Field(default_factory=dict)


class Process(Record):
    """工序: processes form a tree by `parent`; a `maintenance` one may be done on locked-out equipment."""

    name: Text
    parent: Code | None = None
    maintenance: bool = False
