"""Whom the server runs as, and which directories that account may enter.

PostgreSQL refuses to run as root, so root lends it an account without privileges; anyone else runs it as themselves.
"""

import os
import pwd
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from qualsvc.embedded.faults import EmbeddedPostgresError

UNPRIVILEGED = ("postgres", "_postgres", "nobody")


@dataclass(frozen=True)
class Account:
    """The account of the server. `listed` says whether it has a passwd entry, without which initdb refuses."""

    uid: int
    gid: int
    name: str
    switched: bool
    listed: bool

    def spawn(
        self,
        command: Sequence[str],
        *,
        stdout: int | IO[bytes],
        stderr: int | IO[bytes],
        pass_fds: Sequence[int] = (),
    ) -> subprocess.Popen[str]:
        """Start a command as this account, in a session of its own: the terminal's Ctrl-C is for us, not for it.

        It gets a bare environment: neither our secrets nor PGDATA, PGPORT and the like are its business.
        """
        kept = {name: os.environ[name] for name in ("LD_LIBRARY_PATH", "PATH", "TMPDIR") if name in os.environ}
        return subprocess.Popen(  # noqa: S603 - words of our own, and no shell that reads them
            command,
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            stderr=stderr,
            text=True,
            errors="replace",
            cwd="/",
            env={"PATH": os.defpath, **kept, "LC_ALL": "C"},
            umask=0o077,
            start_new_session=True,
            pass_fds=pass_fds,
            user=self.uid if self.switched else None,
            group=self.gid if self.switched else None,
            extra_groups=[] if self.switched else None,
        )

    def run(self, command: Sequence[str]) -> subprocess.CompletedProcess[str]:
        """Run a command as this account to its end."""
        with self.spawn(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
            out, err = process.communicate()
        return subprocess.CompletedProcess(list(command), process.returncode, out, err)

    def can_enter(self, place: Path) -> bool:
        """Whether the account can enter this directory, tried and not computed: modes are not the whole story."""
        return not self.switched or self.run(["/bin/sh", "-c", 'cd "$1"', "sh", str(place)]).returncode == 0

    def own(self, path: Path) -> None:
        """Give a directory or file of the server to the account."""
        if self.switched:
            os.chown(path, self.uid, self.gid, follow_symlinks=False)


def account_for(cluster: Path) -> Account:
    """The account that runs the server of this cluster: its owner's, once there is one."""
    owner = next((place.stat().st_uid for place in (cluster, cluster.parent) if place.exists()), None)
    me = os.geteuid()
    if me != 0:
        if cluster.exists() and owner != me:
            raise EmbeddedPostgresError(
                f"the database in `{cluster.parent}` is not yours",
                f"it belongs to {_name(owner or 0)}, and you are {_name(me)}",
                f"run as {_name(owner or 0)} or as root, or set QUALSVC_DATA_DIR to a directory of your own",
            )
        return Account(me, os.getegid(), _name(me), switched=False, listed=_is_listed(me))
    if owner:
        gid = pwd.getpwuid(owner).pw_gid if _is_listed(owner) else owner
        return Account(owner, gid, _name(owner), switched=True, listed=_is_listed(owner))
    if cluster.exists():
        raise EmbeddedPostgresError(
            f"the database in `{cluster}` belongs to root",
            "PostgreSQL does not run as root, and no other account may read it",
            f"chown -R {_unprivileged().pw_name} {cluster}",
        )
    entry = _unprivileged()
    return Account(entry.pw_uid, entry.pw_gid, entry.pw_name, switched=True, listed=True)


def _unprivileged() -> pwd.struct_passwd:
    for name in UNPRIVILEGED:
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise EmbeddedPostgresError(
        "no account to run PostgreSQL under",
        f"you are root, PostgreSQL does not run as root, and there is none of {', '.join(UNPRIVILEGED)}",
        "run as an ordinary user, or useradd --system postgres, or set QUALSVC_DATABASE_URL to a running PostgreSQL",
    )


def _is_listed(uid: int) -> bool:
    try:
        pwd.getpwuid(uid)
    except KeyError:
        return False
    return True


def _name(uid: int) -> str:
    return pwd.getpwuid(uid).pw_name if _is_listed(uid) else f"uid {uid}"


def listed_prefix(account: Account) -> list[str]:
    """What to put before a command that wants a passwd entry: nothing, or a user namespace in which ours has one.

    There the uid goes by the name of `nobody`; outside of it every file still belongs to the uid itself.
    """
    if account.listed:
        return []
    unshare = shutil.which("unshare")
    if unshare is not None:
        lent = _unprivileged()
        prefix = [unshare, "--user", f"--map-user={lent.pw_uid}", f"--map-group={lent.pw_gid}"]
        if account.run([*prefix, "true"]).returncode == 0:
            return prefix
    raise EmbeddedPostgresError(
        f"cannot make a database as {account.name}",
        "that uid has no entry in /etc/passwd, PostgreSQL's initdb asks for one, and no user namespace can be had here",
        "run as a user with an entry (docker run -u qualsvc), or set QUALSVC_DATABASE_URL to a running PostgreSQL",
    )
