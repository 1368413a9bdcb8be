"""`python -m tests.chaos --minutes 10 --seed 7`: two hosts under load, everything goes wrong, nothing may be wrong.

Two services, one of two workers, over one PostgreSQL, each through a proxy and with a wall clock of its own. Clients ask and
write while services, workers, shippers, connections, clocks and PostgreSQL fail. What the seed draws is what is asked, written
and broken, and for how long; when exactly it strikes is the machine's. Exit status 1 where anything was seen that must not be.
"""

import argparse
import random
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests.chaos.faults import Faults, Keeper, Site, of_postgres, of_site
from tests.chaos.judge import Judge, tell
from tests.chaos.load import Writer, asker, crowd
from tests.cli.commands import short_directory
from tests.faults.asking import Asker
from tests.faults.evidence import Outcome
from tests.faults.hosts import hosts, write
from tests.faults.postgres import Postgres, own_postgres
from tests.faults.proxy import proxy_to
from tests.faults.replicas import until_equal
from tests.faults.wall_clock import WallClock

_PROGRESS_S = 5.0
_SETTLED_S = 60.0
_SHOWN = 20
_PROCESSES = 3
"""Those that answer: one of the first host, two of the second."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run, and answer the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1_000_000))
    parser.add_argument("--rate", type=float, default=200.0, help="questions a second, of all clients")
    parser.add_argument("--writes", type=float, default=10.0, help="writes a second, of all clients")
    parser.add_argument("--lease", type=float, default=2.0, help="QUALSVC_MAX_STALENESS_S")
    chosen = parser.parse_args(arguments)
    tell(f"seed {chosen.seed}")
    with _world(chosen.lease) as (postgres, sites, directory):
        bases = [site.host.base for site in sites]
        askers = [asker(base, f"{chosen.seed}-ask-{n}-{base[-1]}", chosen.rate / 6) for base in bases for n in range(3)]
        writers = [Writer(base, f"w{chosen.seed}-{n}", chosen.writes / 2) for n, base in enumerate(bases)]
        first, second = sites
        faults = [
            Faults(of_postgres(postgres) | of_site(first), first.host, f"{chosen.seed}-faults-1"),
            Faults(of_site(second), second.host, f"{chosen.seed}-faults-2"),
        ]
        judge = Judge(askers, writers, chosen.lease)
        clients: list[Asker | Writer] = [*askers, *writers]
        for thread in (*clients, *faults):
            thread.start()
        _watch(chosen.minutes * 60, judge, askers, writers, faults)
        for each in faults:
            each.finish()
        judge.violations += [f"a fault could not be done: {each.failure!r}" for each in faults if each.failure is not None]
        for client in clients:
            client.finish()
        judge.violations += [each for site in sites for each in site.keeper.complaints]
        try:
            tell(
                f"all is mended; fresh and equal after {until_equal(*bases, processes=_PROCESSES, patience_s=_SETTLED_S):.1f} s"
            )
        except AssertionError:
            judge.violations.append(f"{_SETTLED_S:.0f} s after the last fault the hosts are not fresh and equal")
        judge.conclude(postgres.url, directory)
    for violation in judge.violations[:_SHOWN]:
        tell(f"VIOLATION {violation}")
    tell(f"seed {chosen.seed}: {len(judge.given):,} decisions, {len(judge.violations):,} violations")
    return 1 if judge.violations else 0


@contextmanager
def _world(lease_s: float) -> Iterator[tuple[Postgres, list[Site], Path]]:
    with ExitStack() as stack:
        postgres = stack.enter_context(own_postgres())
        directory = stack.enter_context(short_directory())
        parts = []
        for name in ("one", "two"):
            (directory / name).mkdir()
            parts.append((name, stack.enter_context(proxy_to(postgres.socket)), WallClock(directory / name)))
        asked = [
            (postgres.url_by("127.0.0.1", proxy.port), {"workers": workers, "lease_s": lease_s} | clock.environment)
            for workers, (_, proxy, clock) in zip((1, 2), parts, strict=True)
        ]
        started = stack.enter_context(hosts(*asked))
        write(started[0].base, crowd())
        sites = []
        for host, (name, proxy, clock) in zip(started, parts, strict=True):
            keeper = Keeper(host)
            keeper.start()
            stack.callback(keeper.finish)
            sites.append(Site(name, host, keeper, proxy, clock))
        yield postgres, sites, directory


def _watch(seconds: float, judge: Judge, askers: Sequence[Asker], writers: Sequence[Writer], faults: Sequence[Faults]) -> None:
    began = time.monotonic()
    while (elapsed := time.monotonic() - began) < seconds:
        time.sleep(min(_PROGRESS_S, seconds - elapsed))
        judge.look()
        wrote = [each.outcome for writer in writers for each in writer.wrote]
        tell(
            f"{time.monotonic() - began:4.0f} s: {judge.asks:,} asks ({judge.refused:,} refused,"
            f" {sum(asker.lost for asker in askers):,} lost), {len(wrote):,} writes ({wrote.count(Outcome.REFUSED):,} refused,"
            f" {wrote.count(Outcome.UNKNOWN):,} unknown), {sum(each.told.total() for each in faults):,} faults"
            f" ({', '.join(each.now or 'none' for each in faults)}), {len(judge.violations):,} violations"
        )
        if any(each.failure is not None for each in faults):
            return


if __name__ == "__main__":
    sys.exit(main())
