"""How much room the decision log has on this host, and how much of it is taken by what is not shipped yet."""

import os
from collections.abc import Callable
from pathlib import Path
from time import monotonic
from typing import NamedTuple

from qualsvc.spool.format import SUFFIX

WARN_AT = 0.7
"""Of its room; then somebody has to look why nothing is shipped, while answers still go on."""
KEPT_FREE = 64 * 1024
"""Bytes of the disk that no answer takes: another file can be begun, and what is damaged set aside, when all else is full."""
_LOOK_S = 1.0


class Room(NamedTuple):
    """Bytes that spool files take, of all processes here, and bytes they may take."""

    used: int
    limit: int

    @property
    def ratio(self) -> float:
        """How full it is; 1 is full."""
        return self.used / self.limit if self.limit > 0 else 1.0


class Space:
    """The room of a directory, looked at once a second: shippers take files away, other processes add to theirs.

    `looked_at` is when, by the clock given.
    """

    def __init__(self, directory: Path, most: int | None, clock: Callable[[], float] = monotonic) -> None:
        """`most` is how many bytes all spool files together may take; the disk may have less."""
        self._directory = directory
        self._most = most
        self._clock = clock
        self.looked_at = float("-inf")
        self._room = Room(0, 0)
        self._since = 0

    def wrote(self, size: int) -> None:
        """So many bytes more are in a file of this process."""
        self._since += size

    def room(self) -> Room:
        """What was seen within the last second, and what was written here since. Raises OSError."""
        if self._clock() - self.looked_at >= _LOOK_S:
            self._look()
        return Room(self._room.used + self._since, self._room.limit)

    def has(self, size: int) -> bool:
        """Whether so many bytes more may be written. Before saying no it looks again. Raises OSError."""
        used, limit = self._room
        if used + self._since + size > limit or self._clock() - self.looked_at >= _LOOK_S:
            self._look()
            used, limit = self._room
        return used + self._since + size <= limit

    def _look(self) -> None:
        used = 0
        for entry in os.scandir(self._directory):
            if entry.name.endswith(SUFFIX):
                try:
                    used += entry.stat().st_size
                except FileNotFoundError:
                    continue  # shipped in this moment
        there = os.statvfs(self._directory)
        free = used + there.f_bavail * there.f_frsize
        free = max(0, free - KEPT_FREE)
        self._room = Room(used, free if self._most is None else min(free, self._most))
        self.looked_at, self._since = self._clock(), 0
