"""The spool's files: a header line, then records of (length, CRC, boot id, sequence, payload).

The boot id names one life of one process. Sequences are dense from 0, so `boot id - sequence` names a record for ever. A boot
has one file after another, each named by the first sequence in it. A file may end torn: what follows was never acknowledged.
"""

import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

MAGIC = b"qualsvc-spool-1\n"
BOOT_ID_LENGTH = 16
SUFFIX = ".spool"
_FRAME = struct.Struct(f"<II{BOOT_ID_LENGTH}sQ")
MAX_PAYLOAD = 16 * 1024 * 1024


class Entry(NamedTuple):
    """One record of a spool. Sequence 0 is the boot record; the last one of a process that stopped well says so."""

    boot_id: str
    sequence: int
    payload: bytes


class Segment(NamedTuple):
    """One file of a boot, and the first sequence in it."""

    boot_id: str
    first: int
    path: Path


def frame(boot_id: bytes, sequence: int, payload: bytes) -> bytes:
    """The bytes of one record; the CRC covers all that follows it."""
    checked = boot_id + sequence.to_bytes(8, "little")
    return _FRAME.pack(len(payload), zlib.crc32(payload, zlib.crc32(checked)), boot_id, sequence) + payload


def read_entry(block: bytes, offset: int = 0) -> tuple[Entry, int] | None:
    """The record that begins there and where the next one would; None where no whole record begins."""
    if len(block) - offset < _FRAME.size:
        return None
    length, crc, boot_id, sequence = _FRAME.unpack_from(block, offset)
    start = offset + _FRAME.size
    if length > MAX_PAYLOAD or start + length > len(block):
        return None
    payload = block[start : start + length]
    # Boot id and sequence are in the frame as they are checked.
    if zlib.crc32(payload, zlib.crc32(block[offset + 8 : start])) != crc:
        return None
    return Entry(boot_id.decode("ascii", "replace"), sequence, payload), start + length


def next_entry(block: bytes, offset: int, boot_id: str) -> int | None:
    """Where, after what cannot be read at the offset, the next whole record of the boot begins; None when there is none."""
    name = boot_id.encode("ascii")
    place = block.find(name, offset + 9)  # 8 bytes stand before the name in a frame; another one than that at `offset`
    while place >= 0:
        if read_entry(block, place - 8) is not None:
            return place - 8
        place = block.find(name, place + 1)
    return None


def read_entries(path: Path, first: int = 0) -> Iterator[Entry]:
    """The valid prefix of a spool file whose first record is `first`; stops without a word at a torn or damaged record."""
    block, offset = path.read_bytes(), len(MAGIC)
    if not block.startswith(MAGIC):
        return
    while (found := read_entry(block, offset)) is not None and found[0].sequence == first:
        yield found[0]
        offset, first = found[1], first + 1


def segment_path(directory: Path, boot_id: str, first: int) -> Path:
    """Where the file of a boot that begins with this sequence lies."""
    return directory / f"{boot_id}-{first:015}{SUFFIX}"


def segments(directory: Path) -> dict[str, list[Segment]]:
    """The files of each boot that are there, in order."""
    found: dict[str, list[Segment]] = {}
    for path in sorted(directory.glob(f"*{SUFFIX}")):
        boot_id, _, first = path.stem.partition("-")
        if len(boot_id) == BOOT_ID_LENGTH and first.isdigit():
            found.setdefault(boot_id, []).append(Segment(boot_id, int(first), path))
    return found
