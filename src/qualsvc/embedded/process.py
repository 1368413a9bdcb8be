"""Processes by number: whether one lives, and whether it is the PostgreSQL server of one cluster."""

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc")
DEAD_STATES = frozenset("ZX")


@dataclass(frozen=True)
class ServerFile:
    """What `postmaster.pid` says: the server's process, its socket directory and its status word."""

    pid: int
    socket_dir: Path
    status: str


def read_server_file(cluster: Path) -> ServerFile | None:
    """`postmaster.pid` of the cluster; None when there is none or it is not one.

    Lines: pid, data directory, start time, port, socket directory, address, shared memory key, status. While the
    server starts the last ones may still be missing.
    """
    try:
        lines = (cluster / "postmaster.pid").read_text(errors="surrogateescape").splitlines()
        pid = int(lines[0])
    except (OSError, ValueError, IndexError):
        return None
    lines += [""] * 8
    return ServerFile(pid, Path(lines[4]), lines[7].strip()) if pid > 1 else None


def command_of(pid: int) -> str | None:
    """The command line of a living process, its words joined by spaces; None when it is gone or a zombie."""
    if not (PROC / "self" / "stat").exists():
        return _command_by_ps(pid)
    try:
        state = (PROC / str(pid) / "stat").read_bytes().rpartition(b")")[2].split()[0].decode()
        words = (PROC / str(pid) / "cmdline").read_bytes()
    except (OSError, IndexError):
        return None
    return None if state in DEAD_STATES else os.fsdecode(words.replace(b"\0", b" ")).strip()


def _command_by_ps(pid: int) -> str | None:
    """The same where there is no /proc, as on macOS."""
    shown = subprocess.run(  # noqa: S603 - words of our own, and no shell that reads them
        ["/bin/ps", "-ww", "-o", "stat=", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False
    ).stdout.strip()
    state, _, command = shown.partition(" ")
    return None if not state or state[0] in DEAD_STATES else command.strip()


def is_server(pid: int, cluster: Path) -> bool:
    """Whether this process is a living server of this cluster, and not one that got the number of a dead one."""
    command = command_of(pid)
    return command is not None and f"postgres -D {cluster} " in f"{command} "


def is_alive(pid: int) -> bool:
    return command_of(pid) is not None
