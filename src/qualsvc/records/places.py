"""Where work is done and on what: sites, equipment and its classes, processes."""

from typing import Literal

from pydantic import Field

from qualsvc.records.fields import Code, Day, IanaTimeZone, Measures, Text
from qualsvc.records.model import Record


class Site(Record):
    """厂区: a plant, with the time zone all dates on its equipment are local to."""

    name: Text
    """What people call the site."""
    time_zone: IanaTimeZone
    """IANA name of the time zone the site's dates are reckoned in."""


class EquipmentClass(Record):
    """设备类: classes form a tree by `parent`."""

    name: Text
    """What people call the class."""
    parent: Code | None = None
    """Code of the class above; rules and restrictions for a class hold for everything below it. Null: a root."""


class Equipment(Record):
    """设备: `ratings` are what certificates' limits must reach, by name."""

    name: Text
    """What people call the machine."""
    equipment_class: Code
    """Code of its class."""
    site: Code
    """Code of the site where it stands; dates asked about it are local there."""
    status: Literal["in_service", "locked_out", "retired"]
    """`in_service`, `locked_out` (only maintenance may go on) or `retired` (nothing may)."""
    inspection_valid_until: Day | None = None
    """Last day its own inspection holds, inclusive, local to the site. Null: none is due."""
    ratings: Measures = Field(default_factory=dict)
    """Rated values by name, the unit in the name (`lifting_t` in tonnes); `covers` compares limits with them by name."""


class Process(Record):
    """工序: processes form a tree by `parent`; a `maintenance` one may be done on locked-out equipment."""

    name: Text
    """What people call the process."""
    parent: Code | None = None
    """Code of the process above; rules for it hold for everything below. Null: a root."""
    maintenance: bool = False
    """True: may also be done on equipment that is locked out or past inspection."""
