"""Looking into the spool files of a host while they grow: one record by its name, and how far each boot has got."""

from pathlib import Path

from qualsvc.spool.format import Entry, read_entry, segments

ON_FILE_WITHIN_S = 60
"""A record of an answer is on file within so long, by the host's clock, after the instant it bears, or not at all.

So whoever looks later than that has all there are; and of two records of a boot, the one put on file later bears an instant
that is earlier by less than this, if it is earlier at all.
"""
_BEFORE_NAME = 8
"""Bytes of a frame before the boot id."""


def record_of(directory: Path, boot_id: str, sequence: int) -> bytes | None:
    """The payload of a record that is in a file still, None when it is not: never written, or shipped and taken away.

    Searched by its name, with nothing read before it: a file has many thousand records.
    """
    file = next((one for one in reversed(segments(directory).get(boot_id, [])) if one.first <= sequence), None)
    if file is None:
        return None
    try:
        block = file.path.read_bytes()
    except FileNotFoundError:
        return None
    name = boot_id.encode("ascii") + sequence.to_bytes(8, "little")
    place = block.find(name)
    while place >= 0:
        found = read_entry(block, place - _BEFORE_NAME) if place >= _BEFORE_NAME else None
        if found is not None:
            return found[0].payload
        place = block.find(name, place + 1)
    return None


def last_records(directory: Path, only: str | None = None) -> dict[str, Entry]:
    """The last whole record of each boot that has a file still, or of this one."""
    found = {}
    for boot_id, files in segments(directory).items():
        if only not in (None, boot_id):
            continue
        for file in reversed(files):  # the newest may have nothing in it yet
            try:
                last = _last_of(file.path.read_bytes(), boot_id.encode("ascii"))
            except FileNotFoundError:
                last = None
            if last is not None:
                found[boot_id] = last
                break
    return found


def _last_of(block: bytes, name: bytes) -> Entry | None:
    place = block.rfind(name)
    while place >= 0:
        found = read_entry(block, place - _BEFORE_NAME) if place >= _BEFORE_NAME else None
        if found is not None:
            return found[0]
        place = block.rfind(name, 0, place + len(name) - 1)
    return None
