"""Two hosts on a real network, one cut off."""

import sys
import time

import pytest

from tests.cli.commands import short_directory
from tests.faults.asking import Asker, Line
from tests.faults.evidence import decisions
from tests.faults.hosts import LEASE_S, Host, until, write
from tests.faults.namespaces import switch
from tests.faults.postgres import own_postgres
from tests.serving import PLANT


@pytest.mark.faults
def test_a_host_cut_off() -> None:
    """It refuses as soon as its lease is over, the other one goes on and takes writes, and back again it has them, within 2 s.

    Each host is asked from inside its own network, as a door beside it would. Cut off means that packets are lost.
    """
    with switch() as network, own_postgres([network.address]) as postgres, short_directory() as directory:
        url = postgres.url_by(network.address)
        places = [network.add() for _ in range(2)]
        started, askers = [], []
        try:
            for number, place in enumerate(places):
                data_dir = directory / f"host-{number}"
                data_dir.mkdir(mode=0o711)
                with place.inside():
                    started.append(Host(data_dir, url))
                    started[-1].start()
                    if number == 0:
                        write(started[0].base, PLANT)
                    line = Line(started[-1].base)
                    until(lambda line=line: line.ask().document.get("allowed"))  # type: ignore[misc]
                    askers.append(Asker(started[-1].base, rate=100, line=line))
            for asker in askers:
                asker.start()
            places[1].unplug()
            cut = time.monotonic()
            time.sleep(3 * LEASE_S)
            with places[0].inside(), Line(started[0].base) as line:
                revoked = line.patch("/v1/certificates/C1", {"status": "revoked"})
                assert 200 == revoked.status
            time.sleep(LEASE_S)
            places[1].plug()
            plugged = time.monotonic()
            until(lambda: all(each.answers[-1].status == 200 for each in askers))
            here, there = ([each for each in asker.finish() if each.sent > cut + LEASE_S] for asker in askers)
        finally:
            for host in started:
                host.stop()
    off = [each for each in there if each.received < plugged]
    assert len(off) > 100
    assert {(503, "stale")} == {(each.status, each.code) for each in off}
    assert {200} == {each.status for each in here if each.received < plugged}
    assert not any(given.allowed for given in decisions(here) if given.answer.sent > revoked.received)
    again = min(each.received for each in there if each.status == 200) - plugged
    sys.stderr.write(f"plugged in again: answers after {again:.2f} s\n")
    assert not any(given.allowed for given in decisions(there))
    assert again <= 2
