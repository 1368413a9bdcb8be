"""What there is of an embedded PostgreSQL, found out from outside: nothing is made, locked, started or stopped."""

import os
from dataclasses import dataclass
from pathlib import Path

from qualsvc.embedded.account import Account, account_for
from qualsvc.embedded.binaries import binaries, major_version
from qualsvc.embedded.cluster import address_of, check_version, password_of
from qualsvc.embedded.faults import EmbeddedPostgresError
from qualsvc.embedded.places import CLUSTER, found, require_directory
from qualsvc.embedded.process import is_server, read_server_file


@dataclass(frozen=True)
class Standing:
    """The database for a data directory: where it is or will be, whether it was made, and its address while it runs.

    `status` is PostgreSQL's word for what the server is at (`starting`, `ready`, `stopping`), None when none runs.
    """

    place: Path
    made: bool
    status: str | None
    address: str | None


def standing(asked: Path) -> Standing:
    """Look at the database for the directory `asked`. Raises EmbeddedPostgresError where it is closed to us."""
    try:
        require_directory(asked)
        place = found(asked)
        if place is None:
            return Standing(asked.expanduser().resolve(), made=False, status=None, address=None)
        cluster = place / CLUSTER
        account_for(cluster)
        told = read_server_file(cluster)
        if told is None or not is_server(told.pid, cluster):
            return Standing(place, made=True, status=None, address=None)
        reachable = address_of(password_of(place, cluster), told.socket_dir) if told.status == "ready" else None
        return Standing(place, made=True, status=told.status or "starting", address=reachable)
    except OSError as error:
        raise EmbeddedPostgresError(
            f"cannot look into `{asked}`", str(error), "run as its owner or as root, or set QUALSVC_DATA_DIR to one of your own"
        ) from error


def startable(here: Standing) -> tuple[Path, int]:
    """The binaries that a start would use, and their major version. Raises EmbeddedPostgresError when they will not do."""
    me = Account(os.geteuid(), os.getegid(), "this user", switched=False, listed=True)
    bin_dir = binaries()
    major = major_version(bin_dir, me)
    if here.made:
        check_version(here.place / CLUSTER, major, bin_dir)
    return bin_dir, major
