"""The embedded PostgreSQL as its users see it: `start` gives an address, `stop` gives it back.

Several processes may use one data directory. Three lock files say who does, and the kernel keeps them true:

- `turn.lock`: held alone by whoever is starting or stopping, so that these never overlap;
- `users.lock`: shared by all users; who can hold it alone is the last one, and stops the server;
- `server.lock`: held by the server's own processes, by inheritance; free means that none of them lives.
"""

import logging
from pathlib import Path
from types import TracebackType

from qualsvc.embedded.account import Account
from qualsvc.embedded.binaries import binaries, major_version, within_reach
from qualsvc.embedded.cluster import address_of, check_version, make_cluster, password_of
from qualsvc.embedded.faults import EmbeddedPostgresError
from qualsvc.embedded.locks import Lock
from qualsvc.embedded.places import CLUSTER, SOCKET, settle, socket_dir
from qualsvc.embedded.process import read_server_file
from qualsvc.embedded.server import adopt, halt, launch

logger = logging.getLogger("qualsvc.embedded")

TURN_S = 180.0
LEFTOVERS_S = 15.0


class EmbeddedPostgres:
    """A PostgreSQL server of our own over `data_dir`, which it has to itself; another process may use it as well.

    `bin_dir` names the PostgreSQL binaries to use; by default `binaries()` finds them. Not for use by two threads.
    """

    def __init__(self, data_dir: Path, *, bin_dir: Path | None = None) -> None:
        self._asked = data_dir
        self._bin_dir = bin_dir
        self._place: Path | None = None
        self._use: Lock | None = None

    @property
    def place(self) -> Path | None:
        """Where the database really is, once started: as root, a directory closed to the server is not used."""
        return self._place

    def start(self) -> str:
        """Start the server, or join the one that runs; a repeated call makes sure that it still does.

        Returns its address, `postgresql://…?host=…`, over a Unix socket. Raises EmbeddedPostgresError.
        """
        try:
            return self._start()
        except OSError as error:
            raise EmbeddedPostgresError(
                f"cannot use `{self._asked}` for the embedded PostgreSQL",
                str(error),
                "mend it, or set QUALSVC_DATA_DIR to a directory of your own",
            ) from error

    def _start(self) -> str:
        place, account = settle(self._asked)
        bin_dir = within_reach(self._bin_dir or binaries(), account)
        turn = _turn(place)
        try:
            use = self._use or Lock(place / "users.lock")
            try:
                use.share()
                address = _serve(place, account, bin_dir)
            except BaseException:
                if self._use is None:
                    use.close()
                raise
            self._place, self._use = place, use
            return address
        finally:
            turn.close()

    def stop(self) -> None:
        """Leave the server; the last one to leave stops it and waits for its end. Harmless when repeated."""
        place, use = self._place, self._use
        if place is None or use is None:
            return
        turn = _turn(place)
        try:
            if use.claim():
                told = read_server_file(place / CLUSTER)
                held = Lock(place / "server.lock")
                try:
                    halt(place / CLUSTER, held)
                finally:
                    held.close()
                logger.info("stopped PostgreSQL in `%s`", place / CLUSTER)
                if told is not None and told.socket_dir.parent != place:
                    _remove_empty(told.socket_dir)
        finally:
            use.close()
            self._use = None
            turn.close()

    def __enter__(self) -> str:
        return self.start()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()


def _serve(place: Path, account: Account, bin_dir: Path) -> str:
    """Make sure that a server runs in `place`, whatever an earlier one left there; returns its address."""
    cluster, log = place / CLUSTER, place / "server.log"
    password = password_of(place, cluster)
    major = major_version(bin_dir, account)
    if not cluster.exists():
        make_cluster(cluster, password, bin_dir, account, socket_dir(place, account))
    check_version(cluster, major, bin_dir)
    running = adopt(cluster, log)
    if running is not None:
        logger.info("using the PostgreSQL server that runs in `%s`, process %d", cluster, running)
    else:
        _launch_anew(cluster, bin_dir=bin_dir, account=account, log=log)
    told = read_server_file(cluster)
    if told is None:
        raise EmbeddedPostgresError(
            f"the PostgreSQL server of `{cluster}` ended as soon as it was ready",
            "its postmaster.pid is gone",
            f"look at its log `{log}` and start again",
        )
    return address_of(password, told.socket_dir)


def _launch_anew(cluster: Path, *, bin_dir: Path, account: Account, log: Path) -> None:
    held = Lock(cluster.with_name("server.lock"))
    try:
        if not held.claim_within(LEFTOVERS_S):
            raise EmbeddedPostgresError(
                f"processes of an earlier PostgreSQL server still use `{cluster}`",
                f"they hold `{held.path}`, and their server is not among the processes seen from here",
                "stop the other container that uses this directory, or end them; fuser finds them by that file",
            )
        sockets = socket_dir(cluster.parent, account)
        # No process of a server lives, so these are the files of a dead one, whoever has its number now: the server
        # itself would take a zombie or a stranger of that number for its predecessor and refuse to start.
        for stale in (cluster / "postmaster.pid", sockets / SOCKET, sockets / f"{SOCKET}.lock"):
            stale.unlink(missing_ok=True)
        launch(cluster, sockets, held, bin_dir=bin_dir, account=account, log=log)
    finally:
        held.close()
    logger.info("started PostgreSQL in `%s`, as %s", cluster, account.name)


def _turn(place: Path) -> Lock:
    turn = Lock(place / "turn.lock")
    if turn.claim_within(TURN_S):
        return turn
    turn.close()
    raise EmbeddedPostgresError(
        f"cannot get a turn to start or stop PostgreSQL in `{place}`",
        f"another process has been at it for {TURN_S:.0f} s and holds `{turn.path}`",
        f"find it with fuser `{turn.path}`, and end it if it hangs",
    )


def _remove_empty(directory: Path) -> None:
    try:
        directory.rmdir()
    except OSError:
        logger.debug("`%s` stays, it is not empty", directory)
