"""Persons whose personal fields were erased: the record goes on without them, and so does all that refers to it."""

from collections.abc import Mapping
from typing import Any

from qualsvc.records.kinds import KINDS
from qualsvc.records.model import read_record
from qualsvc.records.people import Person

_PERSONAL = KINDS["person"].personal
_ANYBODY = {"name": "-"}


def without_personal_fields(document: Mapping[str, Any]) -> Person:
    """The person with no personal field left, not even the name that every other one must have. Raises InvalidRecord."""
    return read_record(Person, dict(document) | _ANYBODY).model_copy(update=dict.fromkeys(_PERSONAL))


def stays_erased(stands: Mapping[str, Any], merge: Mapping[str, Any]) -> bool:
    """Whether a patch of this person leaves alone what was erased."""
    return stands["name"] is None and merge.keys().isdisjoint(_PERSONAL)
