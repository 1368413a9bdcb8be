"""Appending answers to this process' spool files."""

import base64
import contextlib
import errno
import logging
import os
import secrets
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from time import monotonic
from typing import Literal

from qualsvc.spool.format import MAGIC, frame, segment_path
from qualsvc.spool.group_sync import GroupSync
from qualsvc.spool.life import Life
from qualsvc.spool.space import Room, Space

logger = logging.getLogger("qualsvc.spool")

SyncMode = Literal["write", "fsync"]

_RENEW_S = 1.0
SEGMENT_BYTES = 16 * 1024 * 1024
"""Where the next file is begun; what is shipped is taken away file by file."""
_FILES = 8
"""In so many files at least the room is divided, so that what is shipped makes room soon."""
_LEAST_BYTES = 4096
"""Of a file, however little room there is."""
_PROBE = 4096
"""Bytes that must still fit for the log to be called writable: more than most answers take."""


class SpoolUnavailableError(Exception):
    """The answer could not be put on record, so it must not be given. `is_full`: for want of room, which shipping makes."""

    def __init__(self, why: str, *, is_full: bool = False) -> None:
        super().__init__(why)
        self.is_full = is_full


def prepare_directory(directory: Path, max_bytes: int | None = None) -> None:
    """See that there is a directory for spool files, and room in it. Raises SpoolUnavailableError.

    `max_bytes` is what all spool files there may take together; None: what the disk has.
    """
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=directory, buffering=0) as probe:
            _put_whole(probe.fileno(), bytes(_PROBE))
        space = Space(directory, max_bytes)
        has_room = space.has(_PROBE)
    except OSError as error:
        is_full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        raise SpoolUnavailableError(f"no file can be made in `{directory}`: {error.strerror}", is_full=is_full) from error
    if not has_room:
        raise _full(directory, space.room())


def _full(directory: Path, room: Room) -> SpoolUnavailableError:
    why = f"`{directory}` is full: {room.used:,} of {room.limit:,} bytes wait to be shipped"
    return SpoolUnavailableError(why, is_full=True)


class Spool:
    """One process' log of the answers it gave.

    INVARIANT: `sequence` counts the records that are whole in its files; an append that fails leaves neither a gap nor
    half a record behind. Not for use by two threads.
    """

    def __init__(
        self,
        directory: Path,
        boot_record: bytes,
        sync: SyncMode = "write",
        *,
        max_bytes: int | None = None,
        segment_bytes: int = SEGMENT_BYTES,
    ) -> None:
        """Make a new file in `directory` and write the boot record. Raises SpoolUnavailableError.

        `max_bytes` is what all spool files there may take together, of this and other processes; None: what the disk has.
        """
        self.boot_id = base64.b32encode(secrets.token_bytes(10)).decode("ascii").lower()
        self.sequence = -1
        self.size = 0
        self._directory = directory
        self._boot = self.boot_id.encode("ascii")
        self._torn = False
        self._refused = 0
        self._left: list[int] = []
        self._seen_at = float("-inf")
        self._renewals = 0
        self._renewed_at = float("-inf")
        self._syncs = sync == "fsync"
        prepare_directory(directory, max_bytes)
        self._space = Space(directory, max_bytes)
        try:
            self._most_bytes = segment_bytes
            self._segment_bytes = self._share()
            self._probe = _unnamed(directory)
            self._life = Life(directory, self.boot_id)
        except OSError as error:
            raise SpoolUnavailableError(f"no file can be made in `{directory}`: {error.strerror}") from error
        self._sync = GroupSync(self._syncing)
        self._begin(0)
        self.append([boot_record])

    def next_id(self, ahead: int = 0) -> str:
        """The decision id the next append (or the one `ahead` of it) will have."""
        return f"{self.boot_id}-{self.sequence + 1 + ahead}"

    def append(self, payloads: Sequence[bytes]) -> None:
        """Put records on file, all of them or none. Raises SpoolUnavailableError."""
        if self._sync.failure is not None:
            self._renew()
        first = self.sequence + 1
        block = b"".join([frame(self._boot, first + i, payload) for i, payload in enumerate(payloads)])
        self._require(len(block))
        if self.size + len(block) > self._segment_bytes and self.size > len(MAGIC):
            self._roll(first)
        if self._syncs and not self._named:
            self._require_named()
        self._write(block)
        self._space.wrote(len(block))
        self.sequence += len(payloads)

    @property
    def syncs(self) -> bool:
        """Whether there is anything to wait for in `durable`."""
        return self._syncs

    def mark(self) -> int:
        """To be taken before an append, and given to `durable` after it."""
        return self._renewals

    async def durable(self, mark: int) -> None:
        """Wait until everything appended since the mark survives a power loss, when that was asked for.

        Raises SpoolUnavailableError, also when a sync has failed in between: what was appended before may be gone.
        """
        if not self._syncs:
            return
        if mark != self._renewals:
            raise SpoolUnavailableError(f"a sync in `{self._directory}` failed while this was answered")
        try:
            await self._sync.wait()
        except OSError as error:
            raise SpoolUnavailableError(f"cannot sync `{self.path}`: {error.strerror}") from error

    def room(self) -> Room:
        """How full the log is here. Raises SpoolUnavailableError."""
        try:
            return self._space.room()
        except OSError as error:
            raise SpoolUnavailableError(f"cannot look into `{self._directory}`: {error.strerror}") from error

    def check(self) -> None:
        """Whether an append would succeed now, found out by writing so much. Raises SpoolUnavailableError."""
        if self._sync.failure is not None:
            self._renew()
        if self._torn:
            self._mend()
        self._require(_PROBE)
        # Not in our file: whoever reads it meanwhile would find what is no record where one is put next.
        try:
            try:
                _put_whole(self._probe, bytes(max(_PROBE, self._refused)))
            finally:
                os.ftruncate(self._probe, 0)
                os.lseek(self._probe, 0, os.SEEK_SET)
        except OSError as error:
            raise SpoolUnavailableError(f"cannot write in `{self._directory}`: {error.strerror}") from error

    def close(self) -> None:
        """Release the file; it stays for whoever ships it."""
        for file in (*self._left, self._file, self._probe):
            _let_go(file)
        self._life.close()

    def _begin(self, first: int) -> None:
        """Go on in a new file. It has its name only once it is whole: others take it for where this one goes on, and the last
        for over.

        There may be one of that name, without a record that counts. Raises SpoolUnavailableError, and leaves nothing behind.
        """
        path = segment_path(self._directory, self.boot_id, first)
        draft = self._directory / f".{path.stem}-{secrets.token_hex(4)}"
        try:
            file = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
            try:
                _put_whole(file, MAGIC)
                draft.rename(path)
            except OSError:
                os.close(file)
                draft.unlink(missing_ok=True)
                raise
        except OSError as error:
            raise SpoolUnavailableError(f"cannot begin `{path}`: {error.strerror}") from error
        self._file, self.path, self.size, self._named = file, path, len(MAGIC), False

    def _require_named(self) -> None:
        """Else a power loss might take away the file's name. Raises SpoolUnavailableError."""
        try:
            place = os.open(self._directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
            try:
                os.fsync(place)
            finally:
                os.close(place)
        except OSError as error:
            raise SpoolUnavailableError(f"cannot sync `{self._directory}`: {error.strerror}") from error
        self._named = True

    def _renew(self) -> None:
        """After a failed sync go on in another file: of the old one nobody knows what is on the disk. Once a second at most.

        What was appended to it and not synced was answered to nobody. Raises SpoolUnavailableError.
        """
        if monotonic() - self._renewed_at < _RENEW_S:
            assert self._sync.failure is not None
            raise SpoolUnavailableError(f"cannot sync `{self.path}`: {self._sync.failure.strerror}")
        self._renewed_at = monotonic()
        self._roll(self.sequence + 1)
        left, self._left, self._sync = self._left, [], GroupSync(self._syncing)
        for file in left:
            _let_go(file)
        self._renewals += 1

    def _roll(self, first: int) -> None:
        """Go on in a new file; when that cannot be begun, the old one stays as it is."""
        if self._torn:
            self._mend()
        before = self._file
        self._begin(first)
        with contextlib.suppress(OSError):
            self._segment_bytes = self._share()
        if self._syncs:
            self._left.append(before)  # not synced yet
        else:
            _let_go(before)

    def _share(self) -> int:
        """Bytes of a file, by the room there is now."""
        return min(self._most_bytes, max(_LEAST_BYTES, self._space.room().limit // _FILES))

    def _syncing(self) -> Callable[[], None]:
        left, file = self._left, self._file
        self._left = []

        def sync() -> None:
            try:
                for each in (*left, file):
                    os.fsync(each)
            finally:
                for each in left:
                    _let_go(each)

        return sync

    def _require(self, size: int) -> None:
        try:
            has_room = self._space.has(size)
            if self._seen_at != self._space.looked_at:
                self._recover()
                self._seen_at = self._space.looked_at
        except OSError as error:
            raise SpoolUnavailableError(f"cannot look into `{self._directory}`: {error.strerror}") from error
        if not has_room:
            if self.size > len(MAGIC):  # only a file that does not grow any more can be taken away
                self._roll(self.sequence + 1)
            raise _full(self._directory, self.room())

    def _recover(self) -> None:
        """Go on in files that others can find, should somebody have taken ours away; what was in them the log tells as lost."""
        if not self._life.is_there():
            gone, self._life = self._life, Life(self._directory, self.boot_id)
            gone.close()
        if os.fstat(self._file).st_nlink == 0:
            logger.error("`%s` was taken away while it was written; its answers are lost", self.path)
            self._torn = False
            self._roll(self.sequence + 1)

    def _write(self, block: bytes) -> None:
        if self._torn:
            self._mend()
        self._put(block)
        self.size += len(block)
        self._refused = 0

    def _put(self, block: bytes) -> None:
        try:
            _put_whole(self._file, block)
        except OSError as error:
            self._torn = True
            self._refused = len(block)
            with contextlib.suppress(SpoolUnavailableError):
                self._mend()  # at once: of several records some may be there whole, and were never answered
            raise SpoolUnavailableError(f"cannot write to `{self.path}`: {error.strerror}") from error

    def _mend(self) -> None:
        """Cut what a failed write may have left, back to the last whole record."""
        try:
            os.ftruncate(self._file, self.size)
            os.lseek(self._file, self.size, os.SEEK_SET)
        except OSError as error:
            raise SpoolUnavailableError(f"cannot mend `{self.path}`: {error.strerror}") from error
        self._torn = False


def _put_whole(file: int, block: bytes) -> None:
    """Raises OSError, for half of it too."""
    if os.write(file, block) != len(block):
        raise OSError(errno.ENOSPC, "no space left for all of it")


def _let_go(file: int) -> None:
    """Close it; should that report an error, the descriptor is gone all the same, and what was written is no less there."""
    with contextlib.suppress(OSError):
        os.close(file)


def _unnamed(directory: Path) -> int:
    """A file nobody else can find, which is gone with its descriptor."""
    with tempfile.TemporaryFile(dir=directory, buffering=0) as file:
        return os.dup(file.fileno())
