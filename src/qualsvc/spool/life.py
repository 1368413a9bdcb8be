"""Whether the process lives that writes a boot's files: it holds a lock from before its first file is there until it is gone.

A lock of the files themselves would leave, each time another one is begun, a moment in which the file is there and not locked;
whoever looked in that moment would take the process for dead, and its answers for all there are.
"""

import contextlib
import fcntl
import os
import secrets
from pathlib import Path

from qualsvc.spool.format import segments

_SUFFIX = ".life"


class Life:
    """The lock of a boot, held. It has its name only once it is locked."""

    def __init__(self, directory: Path, boot_id: str) -> None:
        """Raises OSError."""
        self.path = life_path(directory, boot_id)
        draft = directory / f".{boot_id}-{secrets.token_hex(4)}"
        self._file = os.open(draft, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        draft.rename(self.path)

    def is_there(self) -> bool:
        """Whether others can find it still."""
        return os.fstat(self._file).st_nlink > 0

    def close(self) -> None:
        """Let go of it; the file stays for whoever ships what is left."""
        os.close(self._file)


def life_path(directory: Path, boot_id: str) -> Path:
    """Where the lock of a boot lies."""
    return directory / f"{boot_id}{_SUFFIX}"


def lives(directory: Path, boot_id: str) -> bool:
    """Whether the process of this boot may still write. Raises OSError."""
    try:
        file = os.open(life_path(directory, boot_id), os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(file)
    return False


def clear(directory: Path) -> None:
    """Take away the locks of those who are gone and have left no file."""
    there = segments(directory)
    for path in directory.glob(f"*{_SUFFIX}"):
        with contextlib.suppress(OSError):  # somebody else's, perhaps
            if path.stem not in there and not lives(directory, path.stem):
                path.unlink(missing_ok=True)
