"""Many row numbers in little room."""

from dataclasses import dataclass, field

_MOST = 1000


@dataclass(slots=True)
class Ranges:
    """Ranges of rows, added in rising order; those next to each other become one. The first are kept, all are counted."""

    kept: list[tuple[int, int]] = field(default_factory=list)
    left_out: int = 0

    def add(self, first: int, last: int) -> None:
        """Put rows `first` to `last` down."""
        if self.kept and self.kept[-1][1] == first - 1 and not self.left_out:
            self.kept[-1] = (self.kept[-1][0], last)
        elif len(self.kept) < _MOST:
            self.kept.append((first, last))
        else:
            self.left_out += last - first + 1
