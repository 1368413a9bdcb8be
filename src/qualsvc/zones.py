"""Rules of time zones, from the pinned `tzdata` package and from nowhere else.

`zoneinfo` would look in the operating system first; then two hosts could disagree on when a date begins, and a replay on
another machine with itself.
"""

from functools import cache
from importlib import metadata, resources
from zoneinfo import ZoneInfo

VERSION = metadata.version("tzdata")


class UnknownZoneError(ValueError):
    """Not the name of a zone in the pinned package."""


@cache
def names() -> frozenset[str]:
    """Every zone name the package lists."""
    return frozenset(resources.files("tzdata").joinpath("zones").read_text(encoding="ascii").split())


@cache
def load(name: str) -> ZoneInfo:
    """The zone of an IANA name. Remembered for the life of the process: at most as many as the package lists."""
    if name not in names():
        raise UnknownZoneError(f"`{name}` is not an IANA time zone of tzdata {VERSION}")
    with resources.files("tzdata.zoneinfo").joinpath(*name.split("/")).open("rb") as rules:
        return ZoneInfo.from_file(rules, key=name)
