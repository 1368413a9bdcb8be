"""Two hosts over a PostgreSQL of their own, whole again before each test."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest

from tests.cli.commands import short_directory
from tests.faults.hosts import Host, hosts, write
from tests.faults.postgres import Postgres, own_postgres
from tests.faults.proxy import Proxy, proxy_to
from tests.faults.replicas import until_equal
from tests.faults.wall_clock import WallClock
from tests.serving import PLANT


@dataclass(frozen=True)
class Pair:
    """`near` talks to PostgreSQL itself; `far` through `proxy`, and its wall clock is `clock`. Leases are `LEASE_S`."""

    postgres: Postgres
    proxy: Proxy
    clock: WallClock
    near: Host
    far: Host

    def heal(self) -> None:
        """Undo every fault."""
        self.clock.step(0)
        self.proxy.heal()
        self.postgres.thaw()
        for host in (self.near, self.far):
            host.thaw()

    @contextmanager
    def whole(self) -> Iterator[None]:
        write(self.near.base, PLANT)
        until_equal(self.near.base, self.far.base)
        try:
            yield
        finally:
            self.heal()


@pytest.fixture(scope="session")
def _pair() -> Iterator[Pair]:
    with own_postgres() as postgres, proxy_to(postgres.socket) as proxy, short_directory() as directory:
        clock = WallClock(directory)
        far = postgres.url_by("127.0.0.1", proxy.port)
        with hosts((postgres.url, {}), (far, clock.environment)) as (first, second):
            yield Pair(postgres, proxy, clock, first, second)


@pytest.fixture
def pair(_pair: Pair) -> Iterator[Pair]:
    """The hosts with the small plant, fresh and equal."""
    with _pair.whole():
        yield _pair
