"""Reading the files of one boot from where the database is, also while they grow."""

from dataclasses import dataclass
from hashlib import sha256
from itertools import pairwise
from pathlib import Path
from time import time_ns

from qualsvc.kernel.instants import format_instant
from qualsvc.spool.format import MAGIC, Entry, Segment, next_entry, read_entry, segments
from qualsvc.spool.life import lives


@dataclass(frozen=True, slots=True)
class Gap:
    """Sequences that are lost: what stood there cannot be read (`damaged`), or is gone."""

    first: int
    last: int
    damaged: bytes


@dataclass(frozen=True, slots=True)
class Read:
    """What was read in order, and whether the boot is over: then `torn` is what stood after its last whole record."""

    found: list[Entry | Gap]
    ended: bool
    torn: bytes = b""


class Tail:
    """Where reading the files of a boot has got to."""

    def __init__(self, directory: Path, boot_id: str, shipped: int) -> None:
        """`shipped` is the last sequence that is in the database, -1 for none."""
        self._directory = directory
        self.boot_id = boot_id
        self.expected = shipped + 1
        self._segment: Segment | None = None
        self._offset = 0
        self._doubted: tuple[int, int, int, bytes] | None = None

    def read(self, most: int) -> Read:
        """The next records, about `most` at most; none while the process that writes them has no more. Raises OSError."""
        over = not lives(self._directory, self.boot_id)  # asked first: what a process wrote before it died is then all there
        there = segments(self._directory).get(self.boot_id, [])
        if not there:
            return Read([], ended=over)
        found: list[Entry | Gap] = []
        if self._segment not in there:
            # The last file that can hold what is expected; none when files were taken away.
            self._segment = next((one for one in reversed(there) if one.first <= self.expected), there[0])
            self._offset = 0
        while self._segment is not None and len(found) < most:
            after = next((one for one in there if one.first > self._segment.first), None)
            rest = self._read_file(found, most, after, grows=after is None and not over)
            if len(found) >= most:
                break
            if after is None:
                return Read(found, ended=over, torn=rest if over else b"")
            if after.first > self.expected:
                found.append(Gap(self.expected, after.first - 1, rest))
                self.expected = after.first
            self._segment, self._offset = after, 0
        return Read(found, ended=False)

    def begun_at(self) -> str:
        """When its first file that is there was last written: for a boot of which no record says when it began."""
        there = self.files()
        at = there[0].stat().st_mtime_ns if there else time_ns()
        return format_instant(at // 1000)

    def files_before(self, sequence: int) -> list[Path]:
        """The files that hold no record of this sequence or a later one."""
        there = segments(self._directory).get(self.boot_id, [])
        return [one.path for one, after in pairwise(there) if after.first <= sequence]

    def files(self) -> list[Path]:
        """All files of the boot that are there."""
        return [one.path for one in segments(self._directory).get(self.boot_id, [])]

    def _read_file(self, found: list[Entry | Gap], most: int, after: Segment | None, *, grows: bool) -> bytes:
        """Read on in the file; answers what is left of it where nothing whole begins any more."""
        assert self._segment is not None
        with self._segment.path.open("rb") as file:
            file.seek(self._offset)
            block = file.read()
        place = 0
        if self._offset == 0 and block.startswith(MAGIC):
            place = len(MAGIC)
        while len(found) < most:
            one = read_entry(block, place)
            if one is not None and one[0].boot_id == self.boot_id:
                entry, end = one
                if entry.sequence > self.expected:
                    if grows and self._doubts(place, entry.sequence, b""):
                        break
                    found.append(Gap(self.expected, entry.sequence - 1, b""))
                if entry.sequence >= self.expected:
                    found.append(entry)
                    self.expected = entry.sequence + 1
                place = end
                continue
            beyond = next_entry(block, place, self.boot_id) if place < len(block) else None
            following = read_entry(block, beyond) if beyond is not None else None
            if beyond is None or following is None:
                break
            if grows and self._doubts(place, following[0].sequence, block[place:beyond]):
                break
            if following[0].sequence > self.expected:
                found.append(Gap(self.expected, following[0].sequence - 1, block[place:beyond]))
                self.expected = following[0].sequence
            place = beyond
        self._offset += place
        return block[place:] if len(found) < most or after is not None else b""

    def _doubts(self, place: int, following: int, damaged: bytes) -> bool:
        """Whether it may be that only our look was wrong: a file that is written may be cut and grow again while it is read.

        So what is found damaged there is damaged only if it is found the same by the next look.
        """
        assert self._segment is not None
        found = (self._segment.first, self._offset + place, following, sha256(damaged).digest())
        again, self._doubted = found == self._doubted, found
        return not again


def gap_payload(gap: Gap) -> dict[str, object]:
    """What the row of a gap says of it."""
    told: dict[str, object] = {"from": gap.first, "to": gap.last}
    if gap.damaged:
        told |= {"bytes": len(gap.damaged), "sha256": sha256(gap.damaged).hexdigest()}
    return {"gap": told}
