"""The database files: made once, whole or not at all, with a random password."""

import logging
import os
import secrets
import shutil
from pathlib import Path
from urllib.parse import quote

from qualsvc.embedded.account import Account, listed_prefix
from qualsvc.embedded.faults import EmbeddedPostgresError

logger = logging.getLogger("qualsvc.embedded")

ROLE = "qualsvc"
DATABASE = "postgres"


def make_cluster(cluster: Path, password: str, bin_dir: Path, account: Account, private: Path) -> None:
    """Make the database files of `cluster`. `private` is a directory of the account, for the password to pass through.

    They are made aside and renamed: a kill in between leaves nothing that looks like a database.
    """
    prefix = listed_prefix(account)
    logger.info("making a PostgreSQL database in `%s`, as %s", cluster, account.name)
    part = cluster.with_name(f"{cluster.name}.part")
    if part.exists():
        shutil.rmtree(part)
    part.mkdir(mode=0o700)
    account.own(part)
    told = private / "initdb-password"
    told.unlink(missing_ok=True)
    _write_new(told, password)
    account.own(told)
    try:
        made = account.run(
            [
                *prefix,
                str(bin_dir / "initdb"),
                *("--pgdata", str(part), "--username", ROLE, "--pwfile", str(told), "--auth", "scram-sha-256"),
                *("--encoding", "UTF8", "--locale", "C", "--data-checksums", "--no-instructions"),
            ]
        )
    finally:
        told.unlink(missing_ok=True)
    if made.returncode != 0:
        shutil.rmtree(part, ignore_errors=True)
        raise EmbeddedPostgresError(
            f"cannot make a PostgreSQL database in `{cluster}`",
            " | ".join((made.stderr or made.stdout).splitlines()[-6:]) or f"initdb ended with {made.returncode}",
            "mend what it names, or set QUALSVC_DATABASE_URL to a running PostgreSQL",
        )
    part.rename(cluster)


def check_version(cluster: Path, major: int, bin_dir: Path) -> None:
    """Refuse database files of another major version: a server cannot read them, and must not try."""
    try:
        written = (cluster / "PG_VERSION").read_text().strip()
    except OSError as error:
        written = f"unknown ({error.strerror})"
    if written != str(major):
        raise EmbeddedPostgresError(
            f"the database in `{cluster}` is of PostgreSQL {written}, the binaries in `{bin_dir}` are of {major}",
            "database files of one major version cannot be read by another",
            f"dump it with the binaries of PostgreSQL {written}, or set QUALSVC_DATA_DIR to an empty directory",
        )


def address_of(password: str, sockets: Path) -> str:
    """Where the server with its socket in `sockets` takes connections, in libpq's form."""
    return f"postgresql://{ROLE}:{quote(password, safe='')}@/{DATABASE}?host={quote(str(sockets), safe='/')}"


def password_of(place: Path, cluster: Path) -> str:
    """The database's password from the file `password`, made with the first database."""
    path = place / "password"
    try:
        return path.read_text().strip()
    except FileNotFoundError:
        pass
    if cluster.exists():
        raise EmbeddedPostgresError(
            f"the password of the database in `{cluster}` is lost",
            f"there is no file `{path}`",
            "put it back from a backup of the whole directory",
        )
    password = secrets.token_urlsafe(32)
    part = path.with_name("password.part")
    part.unlink(missing_ok=True)
    _write_new(part, password)
    above = place.stat()
    if os.geteuid() == 0:
        os.chown(part, above.st_uid, above.st_gid)
    part.rename(path)
    return password


def _write_new(path: Path, text: str) -> None:
    """Write a file that did not exist and that only its owner may read."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600), "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
