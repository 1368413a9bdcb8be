"""The wall clock of a host that answers is set wrong: it says so, and gives no answer by it."""

import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from tests.faults.asking import Asker, Line
from tests.faults.conftest import Pair
from tests.faults.evidence import decisions, off_the_clock
from tests.faults.wall_clock import WallClock
from tests.serving import QUESTION

HOUR_S = 3600


def test_the_clock_is_the_one_python_reads(tmp_path: Path) -> None:
    """What a test sets is what `time.time_ns()` and `datetime.now()` tell; the clocks of leases stay as they are."""
    clock = WallClock(tmp_path)
    clock.step(HOUR_S)
    told = (
        "import time, datetime as d; print(time.time_ns(), d.datetime.now(d.UTC).timestamp(), int(time.time()),"
        " time.monotonic(), time.clock_gettime(time.CLOCK_BOOTTIME))"
    )
    before = (time.time(), time.monotonic(), time.clock_gettime(time.CLOCK_BOOTTIME))
    done = subprocess.run(
        [sys.executable, "-c", told], env=clock.environment, capture_output=True, text=True, check=True, timeout=60
    )
    wall, now, whole, monotonic, elapsed = map(float, done.stdout.split())
    for seconds in (wall / 1e9, now, whole):
        assert HOUR_S - 1 <= seconds - before[0] <= HOUR_S + 60
    assert before[1] <= monotonic <= before[1] + 60
    assert before[2] <= elapsed <= before[2] + 60


@pytest.mark.parametrize("rounds", [1, pytest.param(20, marks=pytest.mark.faults)])
def test_wall_clock_stepped(pair: Pair, rounds: int) -> None:
    """An hour on or back, or a few seconds: from then on every ask is refused with `clock_skew`; set right, asks are answered.

    No answer that came through, by question or by batch, is off the true clock by more than 2.1 s.
    """
    askers = [
        Asker(pair.far.base),
        Asker(pair.far.base, ask=lambda line: line.batch([QUESTION] * 50)),
    ]
    for asker in askers:
        asker.start()
    wrong: list[tuple[float, float]] = []
    for _ in range(rounds):
        for offset in (HOUR_S, -HOUR_S, 3, -3):
            pair.clock.step(offset)
            stepped = time.monotonic()
            with Line(pair.far.base) as line:
                assert (503, "clock_skew") == ((told := line.exchange("GET", "/readyz")).status, told.code)
            time.sleep(0.2)
            wrong.append((stepped, time.monotonic()))
            pair.clock.step(0)
            pair.far.until_ready()
    answers = [each for asker in askers for each in asker.finish()]
    assert [] == off_the_clock(decisions(answers))
    meanwhile = Counter(
        (each.status, each.code if each.status != 200 else None)
        for each in answers
        if any(since < each.sent and each.received < end for since, end in wrong)
    )
    assert {(503, "clock_skew")} == set(meanwhile)
    assert {200, 503} == {each.status for each in answers}
