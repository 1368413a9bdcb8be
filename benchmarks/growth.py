"""What more persons cost: the same number of questions asked of plants of a thousand to a million, in turns."""

import contextlib
import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks import service
from benchmarks.client import drive
from benchmarks.cores import put_first
from benchmarks.figures import Spread, in_turns
from benchmarks.memory import ASKED
from benchmarks.over_http import CONNECTIONS
from benchmarks.plant import plant, questions
from benchmarks.processes import free_port, running
from benchmarks.progress import told

SIZES = (1_000, 10_000, 100_000, 1_000_000)
CERTIFICATES_EACH = 5
_SECONDS = 1.5


@dataclass(frozen=True, slots=True)
class Size:
    """What a plant of so many persons measured, a figure for each round."""

    persons: int
    memory_mb: float
    over_http_us: list[float] = field(default_factory=list)
    """Microseconds from one answer to the next, as fast as they come."""
    known_us: list[float] = field(default_factory=list)
    """In process, the timeline known."""
    first_us: list[float] = field(default_factory=list)


def measure(sizes: Sequence[int], rounds: int, certificates_each: int = CERTIFICATES_EACH) -> list[Size]:
    """Fill a process with each, then measure them in turn. Raises ClientError."""
    with contextlib.ExitStack() as serving:
        processes: dict[int, subprocess.Popen[bytes]] = {}
        ports, asked, found = dict[int, int](), dict[int, list[bytes]](), dict[int, Size]()
        for persons in sizes:
            told(f"making {persons:,} persons")
            port = ports[persons] = free_port()
            command = [sys.executable, "-m", "benchmarks.memory", *map(str, (port, persons, certificates_each))]
            process = serving.enter_context(running(command, port, "/livez", talking=True, start_s=3600))
            put_first([process.pid])
            processes[persons] = process
            whole = plant(persons=persons, certificates_each=certificates_each)
            asked[persons] = [service.request(one) for one in questions(whole, min(ASKED, persons * 5))]
            found[persons] = Size(persons, _memory_mb(process.pid))
            drive(port, asked[persons], connections=CONNECTIONS, seconds=2 * _SECONDS)
        for turn in range(rounds):
            told(f"round {turn + 1} of {rounds}")
            for name in in_turns([str(persons) for persons in sizes], turn):
                persons = int(name)
                driven = drive(ports[persons], asked[persons], connections=CONNECTIONS, seconds=_SECONDS)
                found[persons].over_http_us.append(1e6 / driven.a_second)
                timed = _told_to_time(processes[persons])
                found[persons].known_us.append(timed["known_us"])
                found[persons].first_us.append(timed["first_us"])
    return list(found.values())


def grown(ones: Sequence[float], smallest: Sequence[float]) -> Spread:
    """How many times as much as in the smallest plant."""
    return Spread.of_ratios(ones, smallest)


def _told_to_time(process: subprocess.Popen[bytes]) -> dict[str, float]:
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(b"\n")
    process.stdin.flush()
    figures: dict[str, float] = json.loads(process.stdout.readline())
    return figures


def _memory_mb(pid: int) -> float:
    """Of the whole process, in MB of a million bytes, what it shares with others in proportion."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("Pss:")).split()[1]) * 1024 / 1e6
