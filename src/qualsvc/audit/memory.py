"""What this host signed last and what it told its webhook: kept where the owner of the database cannot write."""

import logging
import os
from collections.abc import Sequence
from pathlib import Path

import msgspec

from qualsvc.audit.statements import Statement

logger = logging.getLogger("qualsvc.audit")

MEMORY_FILE = "witnessed.json"
"""In the data directory, beside the signing key."""

Mark = tuple[int, str]
"""Number and fingerprint of a statement."""


class _Kept(msgspec.Struct):
    signed: Statement | None = None
    failing_since: str | None = None
    found: list[str] = []
    told: dict[str, dict[str, Mark]] = {}


class Memory:
    """In this process, and in a file for the next one; a disk that does not take it costs no more than telling twice."""

    def __init__(self, file: Path | None = None) -> None:
        """As the file has it, where there is one that can be read."""
        self._file = file
        self._kept = _Kept()
        self._full = False
        if file is None:
            return
        try:
            self._kept = msgspec.json.decode(file.read_bytes(), type=_Kept)
        except FileNotFoundError:
            pass  # nothing was signed yet
        except (msgspec.MsgspecError, OSError, ValueError) as error:
            logger.error("what was signed and told is forgotten: `%s` cannot be read: %s", file, error)  # noqa: TRY400 -- it says all

    @property
    def signed(self) -> Statement | None:
        """The last checkpoint that this host knows to be genuine."""
        return self._kept.signed

    def sign(self, checkpoint: Statement) -> None:
        """Remember that it was signed."""
        if checkpoint != self._kept.signed:
            self._kept.signed = checkpoint
            self._save()

    def told(self, whom: str, kind: str) -> Mark | None:
        """What this witness was told last."""
        return self._kept.told.get(whom, {}).get(kind)

    def tell(self, whom: str, kind: str, mark: Mark) -> None:
        """Remember that this witness was told so far."""
        self._kept.told.setdefault(whom, {})[kind] = mark
        self._save()

    @property
    def found(self) -> Sequence[str]:
        """In what the database is not as this host knows it to be, and no checkpoint has said so yet."""
        return tuple(self._kept.found)

    def find(self, found: str) -> None:
        """Remember it until it is said."""
        if found not in self._kept.found:
            self._kept.found.append(found)
            self._save()

    def say(self, found: Sequence[str]) -> None:
        """These were said."""
        if found:
            self._kept.found = [each for each in self._kept.found if each not in found]
            self._save()

    @property
    def failing_since(self) -> str | None:
        """Since when nothing could be signed, or a witness did not take what it is told; None while all is well."""
        return self._kept.failing_since

    def fail(self, since: str | None) -> None:
        """Remember since when; the first time counts until None says that it is over."""
        since = self._kept.failing_since or since if since else None
        if since != self._kept.failing_since:
            self._kept.failing_since = since
            self._save()

    def _save(self) -> None:
        if self._file is None:
            return
        draft = self._file.with_name(f".{self._file.name}-{os.getpid()}")
        try:
            place = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
            with os.fdopen(place, "wb") as whole:  # all of it or an error
                whole.write(msgspec.json.encode(self._kept))
                whole.flush()
                os.fsync(whole.fileno())
            draft.replace(self._file)
        except OSError as error:
            if not self._full:
                logger.warning("what was signed and told is not kept for the next start: `%s`: %s", self._file, error.strerror)
            self._full = True
        else:
            self._full = False
