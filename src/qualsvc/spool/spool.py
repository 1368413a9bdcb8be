"""Appending answers to this process' spool file."""

import base64
import errno
import fcntl
import os
import secrets
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from qualsvc.spool.format import MAGIC, frame
from qualsvc.spool.group_sync import GroupSync

SyncMode = Literal["write", "fsync"]

_PROBE = 4096
"""Bytes that must still fit for the log to be called writable: more than most answers take."""


class SpoolUnavailableError(Exception):
    """The answer could not be put on record, so it must not be given."""


def prepare_directory(directory: Path) -> None:
    """See that there is a directory for spool files, and room in it. Raises SpoolUnavailableError."""
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=directory, buffering=0) as probe:
            if probe.write(bytes(_PROBE)) != _PROBE:
                raise OSError(errno.ENOSPC, "no space left for a record")  # noqa: TRY301
    except OSError as error:
        raise SpoolUnavailableError(f"no file can be made in `{directory}`: {error.strerror}") from error


class Spool:
    """One process' log of the answers it gave.

    INVARIANT: `sequence` counts the records that are whole in the file; an append that fails leaves neither a gap nor
    half a record behind. Not for use by two threads.
    """

    def __init__(self, directory: Path, boot_record: bytes, sync: SyncMode = "write") -> None:
        """Make a new file in `directory` and write the boot record. Raises SpoolUnavailableError."""
        self.boot_id = base64.b32encode(secrets.token_bytes(10)).decode("ascii").lower()
        self.path = directory / f"{self.boot_id}.spool"
        self.sequence = -1
        self._boot = self.boot_id.encode("ascii")
        self.size = 0
        self._torn = False
        self._refused = 0
        prepare_directory(directory)
        try:
            self._file = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise SpoolUnavailableError(f"cannot make a spool file in `{directory}`: {error.strerror}") from error
        # Held as long as this process lives: whoever can take it knows the file will not grow any more.
        fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        self._sync = GroupSync(self._file) if sync == "fsync" else None
        self._write(MAGIC)
        self.append([boot_record])

    def next_id(self, ahead: int = 0) -> str:
        """The decision id the next append (or the one `ahead` of it) will have."""
        return f"{self.boot_id}-{self.sequence + 1 + ahead}"

    def append(self, payloads: Sequence[bytes]) -> None:
        """Put records on file, all of them or none. Raises SpoolUnavailableError."""
        first = self.sequence + 1
        self._write(b"".join(frame(self._boot, first + i, payload) for i, payload in enumerate(payloads)))
        self.sequence += len(payloads)

    async def durable(self) -> None:
        """Wait until everything appended so far survives a power loss, when that was asked for."""
        if self._sync is not None:
            try:
                await self._sync.wait()
            except OSError as error:
                raise SpoolUnavailableError(f"cannot sync `{self.path}`: {error.strerror}") from error

    def check(self) -> None:
        """Whether an append would succeed now, found out by writing past the end. Raises SpoolUnavailableError."""
        if self._sync is not None and self._sync.failure is not None:
            raise SpoolUnavailableError(f"cannot sync `{self.path}`: {self._sync.failure.strerror}")
        if self._torn:
            self._mend()
        # Zeros are no record: should the process die before they are cut off, readers stop before them.
        self._put(bytes(max(_PROBE, self._refused)))
        self._torn = True
        self._mend()

    def close(self) -> None:
        """Release the file; it stays for whoever ships it."""
        os.close(self._file)

    def _write(self, block: bytes) -> None:
        if self._torn:
            self._mend()
        self._put(block)
        self.size += len(block)
        self._refused = 0

    def _put(self, block: bytes) -> None:
        try:
            written = os.write(self._file, block)
            if written != len(block):
                raise OSError(errno.ENOSPC, "no space left for a whole record")  # noqa: TRY301
        except OSError as error:
            self._torn = True
            self._refused = len(block)
            raise SpoolUnavailableError(f"cannot write to `{self.path}`: {error.strerror}") from error

    def _mend(self) -> None:
        """Cut what a failed write may have left, back to the last whole record."""
        try:
            os.ftruncate(self._file, self.size)
            os.lseek(self._file, self.size, os.SEEK_SET)
        except OSError as error:
            raise SpoolUnavailableError(f"cannot mend `{self.path}`: {error.strerror}") from error
        self._torn = False
