"""Who computes where: a contestant has one core with all that it brings along, its database too; all else has the other.

Where there is one core only, they share it.
"""

import contextlib
import os
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

CORES = sorted(os.sched_getaffinity(0))
SERVER, CLIENT = CORES[0], CORES[-1]
_FIRST = -10
"""The priority of the client and of what answers it, where we may choose: other work on the machine disturbs all alike less."""


def shared() -> str:
    """Who computed where, in words."""
    if SERVER == CLIENT:
        return "one only: servers, all they bring along and the client share it, and times over HTTP hold the client's"
    return f"servers with all they bring along on {SERVER}, the client on {CLIENT}; `start` and `size` on all {len(CORES)}"


def with_the_client() -> None:
    """This process and all that it starts: on the client's core."""
    os.sched_setaffinity(0, {CLIENT})


def on_the_server_core() -> AbstractContextManager[None]:
    """What this thread starts here stays there, with all that it starts itself."""
    return _on({SERVER})


def on_all_cores() -> AbstractContextManager[None]:
    """For what nobody asks meanwhile."""
    return _on(set(CORES))


@contextlib.contextmanager
def _on(cores: set[int]) -> Iterator[None]:
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, cores)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def put_first(pids: Iterable[int]) -> None:
    """Give all threads of these processes the priority of the client, where we may; each is the first of its session."""
    for pid in pids:
        # Where sessions share the processor evenly, the priority of a process counts within its session only.
        with contextlib.suppress(OSError):
            Path(f"/proc/{pid}/autogroup").write_text(str(_FIRST))
        for thread in Path(f"/proc/{pid}/task").iterdir():
            with contextlib.suppress(ProcessLookupError, PermissionError):  # it may have ended meanwhile
                os.setpriority(os.PRIO_PROCESS, int(thread.name), _FIRST)


def spent_us(pids: Iterable[int]) -> float:
    """Microseconds of CPU that these processes have had so far."""
    spent = 0
    for pid in pids:
        for thread in Path(f"/proc/{pid}/task").iterdir():
            with contextlib.suppress(FileNotFoundError, ProcessLookupError):
                spent += int((thread / "schedstat").read_text().split()[0])
    return spent / 1e3
