"""The spool file: a header line, then records of (length, CRC, boot id, sequence, payload).

The boot id names one life of one process. Sequences are dense from 1, so `boot id - sequence` names a decision for ever. A
file ends where a record is torn: what follows was never acknowledged.
"""

import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

MAGIC = b"qualsvc-spool-1\n"
BOOT_ID_LENGTH = 16
_FRAME = struct.Struct(f"<II{BOOT_ID_LENGTH}sQ")
MAX_PAYLOAD = 16 * 1024 * 1024


class Entry(NamedTuple):
    """One record of a spool. Sequence 0 is the boot record, the others are answers."""

    boot_id: str
    sequence: int
    payload: bytes


def frame(boot_id: bytes, sequence: int, payload: bytes) -> bytes:
    """The bytes of one record; the CRC covers all that follows it."""
    checked = boot_id + sequence.to_bytes(8, "little")
    return _FRAME.pack(len(payload), zlib.crc32(payload, zlib.crc32(checked)), boot_id, sequence) + payload


def read_entries(path: Path) -> Iterator[Entry]:
    """The valid prefix of a spool file, in order; stops without a word at a torn or damaged record."""
    with path.open("rb") as file:
        if file.read(len(MAGIC)) != MAGIC:
            return
        expected = 0
        while len(head := file.read(_FRAME.size)) == _FRAME.size:
            length, crc, boot_id, sequence = _FRAME.unpack(head)
            if length > MAX_PAYLOAD or sequence != expected:
                return
            payload = file.read(length)
            checked = boot_id + sequence.to_bytes(8, "little")
            if len(payload) != length or zlib.crc32(payload, zlib.crc32(checked)) != crc:
                return
            yield Entry(boot_id.decode("ascii"), sequence, payload)
            expected += 1
