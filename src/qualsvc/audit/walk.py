"""Going along the rows of a boot, as fast as one hash a row allows, and noting where the chain does not hold."""

from binascii import hexlify
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256

from qualsvc.audit.lines import Link, parsed
from qualsvc.audit.ranges import Ranges

CLOSELY = 256
"""Places of one walk that are looked at closely afterwards; of more it is only told where they are."""
_GAP = b"\tgap\t"
_BEFORE_HASH = b"\t\\\\x"
_AFTER_LINE = len(_BEFORE_HASH) + 64


@dataclass(frozen=True, slots=True)
class Place:
    """A row that does not follow on the row before it: it begins elsewhere, or its hash is not that of both."""

    sequence: int
    start: int
    before: int


@dataclass(slots=True)
class Walked:
    """What a walk saw: how many rows, the first places to look at closely, and the rest of them; records told as lost.

    `unreadable` says why it went no further, where it came upon what nobody foresaw.
    """

    rows: int = 0
    places: list[Place] = field(default_factory=list)
    missing: Ranges = field(default_factory=Ranges)
    wrong: Ranges = field(default_factory=Ranges)
    lost: Ranges = field(default_factory=Ranges)
    unreadable: str | None = None


class Walk:
    """Along one boot from a given row on.

    INVARIANT: every row passed over without a word follows on the stored hash of the one before it.
    """

    def __init__(self, boot_id: str, sequence: int, digest: bytes, given_up: Mapping[int, Link]) -> None:
        """From after row `sequence` with this hash; `given_up` are the runs that a tombstone stands for, by their start."""
        self.walked = Walked()
        self._beginning = f"{boot_id}\t".encode()
        self._given_up = given_up
        self._sequence = sequence
        self._hash = digest

    async def pass_over(self, block: bytes) -> None:
        """The next rows, as whole lines of COPY. Raises nothing: COPY must be read to its end."""
        if self.walked.unreadable is None:
            try:
                self._pass_over(block)
            except Exception as error:  # noqa: BLE001 -- whatever somebody planted, the rest of the log is told
                self.walked.unreadable = f"after row {self._sequence} it cannot be read: {type(error).__name__}: {error}"

    def _pass_over(self, block: bytes) -> None:
        before, sequence, beginning = self._hash, self._sequence, self._beginning
        lines = block.split(b"\n")
        lines.pop()
        for line in lines:
            digest = sha256(before + line[:-_AFTER_LINE]).digest()
            if line[-_AFTER_LINE:] == _BEFORE_HASH + hexlify(digest) and line.startswith(b"%b%d\t" % (beginning, sequence + 1)):
                before = digest
                sequence += 1
            else:
                self._sequence, self._hash = sequence, before
                self._look(parsed(line))
                before, sequence = self._hash, self._sequence
        self._hash, self._sequence = before, sequence
        self.walked.rows += len(lines)
        if _GAP in block:
            self._note_gaps(lines)

    def _note_gaps(self, lines: Sequence[bytes]) -> None:
        for link in (parsed(line) for line in lines if _GAP in line):
            if link.kind == "gap":
                self.walked.lost.add(link.start, link.sequence)

    def _look(self, link: Link) -> None:
        self._sequence, self._hash = stepped_over(self._given_up, self._sequence, self._hash)
        if link.start != self._sequence + 1 or not link.fits(self._hash):
            self._note(link)
        self._sequence, self._hash = link.sequence, link.hash

    def _note(self, link: Link) -> None:
        if len(self.walked.places) < CLOSELY:
            self.walked.places.append(Place(link.sequence, link.start, self._sequence))
        elif link.start > self._sequence + 1:
            self.walked.missing.add(self._sequence + 1, link.start - 1)
        else:
            self.walked.wrong.add(link.sequence, link.sequence)


def stepped_over(given_up: Mapping[int, Link], sequence: int, digest: bytes) -> tuple[int, bytes]:
    """Where one stands after the runs that were given up, if they begin here and follow on this hash."""
    while (run := given_up.get(sequence + 1)) is not None and run.fits(digest):
        sequence, digest = run.sequence, run.hash
    return sequence, digest
