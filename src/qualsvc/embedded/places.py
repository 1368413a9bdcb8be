"""Where the database and its socket live.

The asked directory, unless the server's account cannot enter it: then a place under /var/lib/qualsvc that follows
from the asked path. Whichever of the two has a database keeps it, so that a `chmod` never shows an empty one.
"""

import contextlib
import errno
import hashlib
import logging
import os
import stat
from pathlib import Path

from qualsvc.embedded.account import Account, account_for
from qualsvc.embedded.faults import EmbeddedPostgresError

logger = logging.getLogger("qualsvc.embedded")

SYSTEM_DIR = Path("/var/lib/qualsvc")
CLUSTER = "cluster"
SOCKET = ".s.PGSQL.5432"
LONGEST_SOCKET_PATH = 100


def system_dir() -> Path:
    """The directory that root keeps for servers whose own place is closed to them."""
    try:
        SYSTEM_DIR.mkdir(mode=0o755, parents=True, exist_ok=True)
        there = SYSTEM_DIR.lstat()
        if stat.S_ISDIR(there.st_mode) and there.st_uid == 0 and there.st_mode & 0o022 == 0:
            SYSTEM_DIR.chmod(0o755)
            return SYSTEM_DIR
        why = "it is not a directory that belongs to root alone"
    except OSError as error:
        why = error.strerror or str(error)
    raise EmbeddedPostgresError(
        f"cannot use `{SYSTEM_DIR}`",
        why,
        "mend it, or set QUALSVC_DATA_DIR to a directory that every account may enter, outside of /root",
    )


def require_directory(asked: Path) -> None:
    """See that nothing on the way to the directory is a file. Raises NotADirectoryError."""
    above = _nearest(asked.expanduser().resolve())
    if not above.is_dir():
        raise NotADirectoryError(errno.ENOTDIR, "it is not a directory", str(above))


def settle(asked: Path) -> tuple[Path, Account]:
    """The directory to use for `asked`, made if missing, and the account of the server in it."""
    asked = asked.expanduser().resolve()
    require_directory(asked)
    account = account_for(asked / CLUSTER)
    moved = SYSTEM_DIR / _stable_name(asked)
    if (asked / CLUSTER).exists():
        if not account.can_enter(asked):
            raise EmbeddedPostgresError(
                f"the database in `{asked}` is closed to {account.name}, under whom its server runs",
                "some directory above it does not let other accounts through any more",
                f"chmod o+x on the directories above `{asked}`, or move it to an open place and set QUALSVC_DATA_DIR",
            )
        return asked, account
    if not account.switched:
        _make(asked)
        return asked, account
    if not (moved / CLUSTER).exists() and account.can_enter(_nearest(asked)):
        _make(asked)
        if account.can_enter(asked):
            return asked, account
    _make(system_dir() / moved.name)
    (moved / "asked-for").write_bytes(os.fsencode(asked) + b"\n")
    account = account_for(moved / CLUSTER)
    logger.info("the database for `%s` is in `%s`: its server runs as %s, who cannot enter there", asked, moved, account.name)
    return moved, account


def found(asked: Path) -> Path | None:
    """The directory that holds the database for `asked`; None when none was made yet. Makes nothing."""
    asked = asked.expanduser().resolve()
    return next((place for place in (asked, SYSTEM_DIR / _stable_name(asked)) if (place / CLUSTER).exists()), None)


def _nearest(path: Path) -> Path:
    """The directory itself or the first one above it that exists."""
    return next(place for place in (path, *path.parents) if place.exists())


def _make(place: Path) -> None:
    """Make a data directory, or take an existing one: root lets the server's account pass through, nobody else may enter."""
    root = os.geteuid() == 0
    for missing in reversed([above for above in place.parents if not above.exists()]):
        missing.mkdir(exist_ok=True)
        if root:
            missing.chmod(0o755)
    place.mkdir(mode=0o700, exist_ok=True)
    if place.stat().st_uid == os.geteuid():
        place.chmod(0o711 if root else 0o700)


def socket_dir(place: Path, account: Account) -> Path:
    """A directory for the socket that only the server's account may enter, short enough for a socket address."""
    inside = place / "run"
    if len(os.fsencode(inside / SOCKET)) <= LONGEST_SOCKET_PATH and not set(str(inside)) & set(",\"'@\\"):
        return _private(inside, account)
    if account.switched:
        return _private(system_dir() / f"run-{_stable_name(place)}", account)
    runtime = Path(os.environ.get("XDG_RUNTIME_DIR", "/"))
    # Others may write to /tmp: what we use there is made 0700, and refused when its owner is anybody else.
    base = runtime if len(runtime.parts) > 1 and runtime.is_dir() else Path("/tmp")  # noqa: S108 -- where a socket may be as short as it must
    return _private(base / f"qualsvc-{account.uid}-{_stable_name(place)}", account)


def _private(place: Path, account: Account) -> Path:
    """Make the directory 0700 for the account, or take the one made before, unless somebody else made it to be connected to."""
    with contextlib.suppress(FileExistsError):
        place.mkdir(mode=0o700)
    why = "it is not a directory"
    with contextlib.suppress(NotADirectoryError):
        descriptor = os.open(place, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        try:
            owner = os.fstat(descriptor).st_uid
            if owner in (account.uid, os.geteuid()):
                if account.switched:
                    os.fchown(descriptor, account.uid, account.gid)
                os.fchmod(descriptor, 0o700)
                return place
            why = f"it belongs to uid {owner}"
        finally:
            os.close(descriptor)
    raise EmbeddedPostgresError(
        f"cannot use `{place}` for the server's socket", why, "remove it, or set QUALSVC_DATA_DIR to a shorter path"
    )


def _stable_name(path: Path) -> str:
    """The same short name for the same path, ever."""
    return hashlib.sha256(os.fsencode(path)).hexdigest()[:16]
