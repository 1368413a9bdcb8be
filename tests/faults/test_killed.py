"""`kill -9` of workers and of whole services: what a client was told stays so, and others hardly notice."""

import asyncio
import os
import random
import signal
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.faults.asking import Asker, Line
from tests.faults.evidence import Outcome, decisions, gone_back, not_on_record, not_whole
from tests.faults.hosts import Host, hosts, until
from tests.faults.postgres import own_postgres
from tests.faults.writing import Writing

ENOUGH = 100
BACK_S = 15.0


@dataclass(frozen=True)
class Plant:
    """A service of two workers over a PostgreSQL of its own."""

    database_url: str
    host: Host


@pytest.fixture(scope="module")
def plant() -> Iterator[Plant]:
    with own_postgres() as postgres, hosts((postgres.url, {"workers": 2, "lease_s": 10})) as (host,):
        yield Plant(postgres.url, host)


def _boot(host: Host) -> str:
    """The life of whoever answers on a new connection."""
    with Line(host.base) as line:
        answer = line.ask()
    return next((each.boot for each in decisions([answer])), "")


def _askers_of_each(host: Host) -> dict[str, list[Asker]]:
    """Clients under way, two with each worker."""
    found: dict[str, list[Asker]] = {}
    while len(found) < 2 or any(len(askers) < 2 for askers in found.values()):
        asker = Asker(host.base, rate=200)
        asker.start()
        until(lambda asker=asker: any(each.status == 200 for each in asker.answers))  # type: ignore[misc]
        (boot, *_) = (each.boot for each in decisions(asker.answers))
        if len(found.setdefault(boot, [])) < 2:
            found[boot].append(asker)
        else:
            asker.finish()
    return found


def test_a_worker_killed_under_load(plant: Plant) -> None:
    """Those connected to the other worker notice nothing, the dead one is replaced, and every answer given is on record."""
    until(lambda: len(plant.host.workers()) == 2)
    askers = _askers_of_each(plant.host)
    every = [asker for of_boot in askers.values() for asker in of_boot]
    until(lambda: all(len(asker.answers) > ENOUGH for asker in every))
    os.kill(plant.host.workers()[0], signal.SIGKILL)
    killed = time.monotonic()
    replaced = until(lambda: _boot(plant.host) not in {*askers, ""}, BACK_S)
    before = [len(asker.answers) for asker in every]
    until(lambda: all(len(asker.answers) > count + ENOUGH for asker, count in zip(every, before, strict=True)))
    answers = [asker.finish() for asker in every]
    sys.stderr.write(f"a worker was replaced and answered after {replaced:.1f} s\n")
    (untouched,) = (of_boot for of_boot in askers.values() if not any(asker.lost for asker in of_boot))
    for asker in untouched:
        assert {200} == {each.status for each in asker.answers if each.received > killed}
    given = list(decisions(each for of_one in answers for each in of_one))
    assert [] == gone_back(given)
    assert [] == asyncio.run(not_on_record(plant.database_url, given))


@pytest.mark.parametrize("kills", [4, pytest.param(200, marks=pytest.mark.faults)])
def test_killed_in_the_midst_of_writes(plant: Plant, kills: int) -> None:
    """Each write, several records in one revision, is there whole or not at all; each that was acknowledged is there.

    Workers are killed at any moment, now and then both with the service; three clients write without pause.
    """
    chosen = random.Random(kills)
    writers = [Writing(plant.host.base, f"W{number}-{kills}") for number in range(3)]
    for writer in writers:
        writer.start()
    began = time.monotonic()
    for kill in range(kills):
        done = sum(writer.acknowledged() for writer in writers)
        until(lambda done=done: sum(writer.acknowledged() for writer in writers) > done + 3)  # type: ignore[misc]
        time.sleep(chosen.uniform(0, 0.05))
        if kill % 20 == 10:
            sys.stderr.write(f"{kill + 1} kills in {time.monotonic() - began:.0f} s\n")
            plant.host.kill()
            plant.host.launch()
        else:
            until(lambda: plant.host.workers() != [])
            os.kill(chosen.choice(plant.host.workers()), signal.SIGKILL)
    per_kill = (time.monotonic() - began) / kills
    wrote = [each for writer in writers for each in writer.finish()]
    plant.host.until_ready()
    told = sum(each.outcome is Outcome.DONE for each in wrote)
    sys.stderr.write(f"{per_kill:.2f} s a kill; {told} of {len(wrote)} writes were acknowledged\n")
    assert told < len(wrote)
    assert [] == asyncio.run(not_whole(plant.database_url, wrote))
