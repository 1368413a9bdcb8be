"""What verifying is given, and what it finds."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from qualsvc.audit.faults import Faults
from qualsvc.audit.statements import Statement

Progress = Callable[[int, int], None]
"""Told rows seen so far, and about how many there are."""


@dataclass(frozen=True, slots=True)
class Witnessed:
    """What one witness has of what it was told, all of it or (`is_whole` false) some; `unreadable` are numbers of lines."""

    name: str
    statements: Sequence[Statement]
    unreadable: Sequence[int] = ()
    is_whole: bool = True


@dataclass(slots=True)
class Verdict:
    """What was looked at, and what was found. `lost` are records that the log itself says were lost before it had them."""

    faults: Faults = field(default_factory=Faults)
    warnings: list[str] = field(default_factory=list)
    lost: list[tuple[str, int, int]] = field(default_factory=list)
    rows: int = 0
    boots: int = 0
    months: int = 0
    checkpoints: int = 0
    tombstones: int = 0
    given_up: int = 0
    incidents: int = 0
    is_empty: bool = False
    since: datetime | None = None
    until: datetime | None = None
    seconds: float = 0.0

    @property
    def is_sound(self) -> bool:
        """Whether nothing is at fault."""
        return not self.faults
