"""Where servers of the tests keep their files."""

import os
from pathlib import Path

_MEMORY = Path("/dev/shm")
_ENOUGH = 4_000_000_000


def fast_place() -> str:
    """Memory, where there is enough of it: what is tested is killed, not unplugged, and a disk takes ten times as long.

    Not pytest's own directory: as root the server is another user, who could not enter it; and sockets want short names.
    """
    if _MEMORY.is_mount() and os.access(_MEMORY, os.W_OK):
        there = os.statvfs(_MEMORY)
        if there.f_bavail * there.f_frsize > _ENOUGH:
            return str(_MEMORY)
    return "/tmp"
