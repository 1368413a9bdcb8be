"""One PostgreSQL server process: launched, waited for, halted. It need not be our child, and never is for long."""

import os
import signal
import subprocess
import time
from pathlib import Path

from qualsvc.embedded.account import Account
from qualsvc.embedded.faults import EmbeddedPostgresError, log_tail
from qualsvc.embedded.locks import POLL_S, Lock
from qualsvc.embedded.process import is_alive, is_server, read_server_file

START_S = 120.0  # recovery after a crash replays up to 1 GB of log
LARGEST_LOG = 4_000_000
# A fast shutdown writes a checkpoint; an immediate one leaves recovery to the next start; neither loses a commit.
HALTS = ((signal.SIGINT, 60.0), (signal.SIGQUIT, 15.0), (signal.SIGKILL, 5.0))

SETTINGS = {
    "listen_addresses": "",
    "port": "5432",
    "unix_socket_permissions": "0700",
    "password_encryption": "scram-sha-256",
    "max_connections": "200",
    "shared_buffers": "64MB",
    "fsync": "on",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_destination": "stderr",
    "logging_collector": "off",
    # Names and telephone numbers stay out of the log: neither rows that were refused, nor statements, nor their parameters.
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
}


def launch(cluster: Path, sockets: Path, held: Lock, *, bin_dir: Path, account: Account, log: Path) -> None:
    """Start the server and wait until it takes connections.

    It inherits the lock `held`, as do all its processes: that lock is free again when the last of them has ended.
    """
    settings = {**SETTINGS, "unix_socket_directories": str(sockets)}
    options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
    if log.exists() and log.stat().st_size > LARGEST_LOG:
        log.replace(log.with_name(f"{log.name}.1"))
    descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW, 0o600)
    try:
        if os.geteuid() == 0:
            above = log.parent.stat()
            os.fchown(descriptor, above.st_uid, above.st_gid)
        offset = os.fstat(descriptor).st_size
        # The shell ends at once, so that init reaps the server whenever it ends, whether we are still there or not.
        with account.spawn(
            ["/bin/sh", "-c", '"$@" >&2 & echo $!', "sh", str(bin_dir / "postgres"), "-D", str(cluster), *options],
            stdout=subprocess.PIPE,
            stderr=descriptor,
            pass_fds=[held.fd],
        ) as shell:
            pid = int(shell.communicate()[0])
    finally:
        os.close(descriptor)
    try:
        _wait_for(cluster, pid, log, offset)
    except BaseException:
        if is_server(pid, cluster):
            os.kill(pid, signal.SIGQUIT)
            _wait_while_alive(pid, START_S)
        raise


def adopt(cluster: Path, log: Path) -> int | None:
    """The process number of the running server of this cluster, once it takes connections; None when none runs."""
    told = read_server_file(cluster)
    if told is None or not is_server(told.pid, cluster):
        return None
    if told.status == "stopping":
        _wait_while_alive(told.pid, START_S)
        return None
    _wait_for(cluster, told.pid, log, 0)
    return told.pid


def halt(cluster: Path, held: Lock) -> None:
    """Stop the server of this cluster, if one runs, and wait until the last of its processes has ended."""
    told = read_server_file(cluster)
    if told is not None and is_server(told.pid, cluster):
        for number, patience in HALTS:
            try:
                os.kill(told.pid, number)
            except ProcessLookupError:
                break
            if _wait_while_alive(told.pid, patience):
                break
        else:
            raise EmbeddedPostgresError(
                f"cannot stop the PostgreSQL server of `{cluster}`",
                f"its process {told.pid} did not end, not even by a kill",
                "look at that process; it most likely waits for a disk",
            )
    if not held.claim_within(HALTS[1][1]):
        raise EmbeddedPostgresError(
            f"processes of the PostgreSQL server of `{cluster}` still run",
            f"they hold `{held.path}`, though the server itself has ended",
            f"find them with fuser `{held.path}` and end them",
        )


def _wait_for(cluster: Path, pid: int, log: Path, offset: int) -> None:
    deadline = time.monotonic() + START_S
    while True:
        told = read_server_file(cluster)
        if told is not None and told.pid == pid and told.status == "ready":
            return
        alive = is_alive(pid)
        if not alive or time.monotonic() > deadline:
            outcome = f"was not ready within {START_S:.0f} s" if alive else "ended as it started"
            raise EmbeddedPostgresError(
                f"the PostgreSQL server of `{cluster}` {outcome}",
                log_tail(log, offset),
                f"mend what its log `{log}` names, or set QUALSVC_DATABASE_URL to a running PostgreSQL",
            )
        time.sleep(POLL_S)


def _wait_while_alive(pid: int, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while is_alive(pid):
        if time.monotonic() > deadline:
            return False
        time.sleep(POLL_S)
    return True
