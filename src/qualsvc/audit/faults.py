"""What is wrong with a decision log, in words that name boot and row."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

MOST = 1000
"""Faults that are kept one by one; of more, only how many there were of each kind."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is not as it was written. `rows` is how many rows it is about, zero when it is not about rows."""

    kind: str
    text: str
    boot: str | None = None
    first: int | None = None
    last: int | None = None
    rows: int = 0


@dataclass(slots=True)
class Faults:
    """All that was found: the first ones in full, and counts of everything."""

    listed: list[Fault] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)

    def __bool__(self) -> bool:
        return bool(self.counts)

    def add(self, *faults: Fault) -> None:
        """Put them down."""
        for fault in faults:
            self.counts[fault.kind] += 1
            if len(self.listed) < MOST:
                self.listed.append(fault)


def of_rows(kind: str, boot: str, first: int, last: int, what: str, why: str = "") -> Fault:
    """A fault of rows `first` to `last` of a boot; `what` follows on "was" or "were", or is the whole end of the sentence."""
    rows, was = (f"row {first}", "was") if first == last else (f"rows {first} to {last}", "were")
    said = "is missing" if kind == "missing" and first == last else "are missing" if kind == "missing" else f"{was} {what}"
    return Fault(kind, f"boot {boot}: {rows} {said}" + (f"; {why}" if why else ""), boot, first, last, last - first + 1)


def of_boot(kind: str, boot: str, text: str, at: int | None = None) -> Fault:
    """A fault of a boot as a whole, or of where it ends."""
    return Fault(kind, f"boot {boot}: {text}", boot, at, at)


def links_missing(first: int, last: int, why: str = "") -> Fault:
    """A fault of the chain over all boots."""
    which = f"link {first} between boots is" if first == last else f"links {first} to {last} between boots are"
    return Fault("link_missing", f"{which} missing{why}")


def of_key(what: str, numbers: Sequence[int]) -> str:
    """`checkpoint 3 is`, `links 1 to 8 are`; how many they are where some between are not meant."""
    ordered = sorted(set(numbers))
    first, last = ordered[0], ordered[-1]
    if first == last:
        return f"{what} {first} is"
    return (
        f"{what}s {first} to {last} are"
        if len(ordered) == last - first + 1
        else f"{len(ordered)} {what}s, {first} to {last}, are"
    )
