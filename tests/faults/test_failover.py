"""The primary is lost and its standby takes over: what is answered is what the new primary has, however much that is."""

import asyncio
import json
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from qualsvc.store.engine import connect
from tests.faults.asking import Line
from tests.faults.evidence import decisions
from tests.faults.hosts import Host, hosts, until
from tests.faults.postgres import Postgres, own_postgres

CERTIFICATE = "/v1/certificates/C1"


@dataclass(frozen=True)
class Cluster:
    """A host that follows whichever of the two is the primary."""

    primary: Postgres
    standby: Postgres
    host: Host

    def set(self, status: str) -> int:
        """The revision in which the certificate has the status."""
        with Line(self.host.base) as line:
            written = line.patch(CERTIFICATE, {"status": status})
        assert written.status == 200, written.body
        return written.revision

    def asked(self) -> tuple[int, bool] | None:
        """Revision and answer now; None where there is none."""
        with Line(self.host.base) as line:
            given = list(decisions([line.ask()]))
        return (given[0].revision, given[0].allowed) if given else None

    def reloads(self) -> dict[str, float]:
        with Line(self.host.base) as line:
            lines = line.exchange("GET", "/metrics").body.decode().splitlines()
        told = [line.split('"')[1::2] + line.split()[-1:] for line in lines if line.startswith("qualsvc_reloads_total{")]
        return {why: float(number) for why, number in told if float(number)}

    def has(self, revision: int) -> bool:
        """Whether the standby has the revision."""
        return asyncio.run(_fetched(self.standby, "SELECT revision FROM head")) >= revision


async def _fetched(server: Postgres, query: str) -> int:
    connection = await connect(server.url)
    try:
        found: int = await connection.fetchval(query)
    finally:
        await connection.close()
    return found


@pytest.fixture
def cluster() -> Iterator[Cluster]:
    with (
        own_postgres() as primary,
        own_postgres(primary=primary) as standby,
        hosts((primary.url_with(standby), {})) as (host,),
    ):
        yield Cluster(primary, standby, host)


def test_failover(cluster: Cluster) -> None:
    """With nothing lost, answers go on by the new primary after all was loaded anew, and so do writes, by the next revision."""
    revision = cluster.set("revoked")
    until(lambda: cluster.has(revision))
    cluster.primary.stop("immediate")
    cluster.standby.promote()
    promoted = time.monotonic()
    until(lambda: cluster.asked() == (revision, False))
    until(lambda: cluster.reloads() == {"timeline": 1})
    sys.stderr.write(f"promoted: fresh after {time.monotonic() - promoted:.2f} s\n")
    restored = cluster.set("valid")
    assert (revision + 1, (revision + 1, True)) == (restored, cluster.asked())


@pytest.mark.faults
def test_failover_to_a_standby_that_lacks_something(cluster: Cluster) -> None:
    """What only the old primary had is gone: nothing is answered by it any more, and it is said in the log."""
    kept = cluster.set("revoked")
    until(lambda: cluster.has(kept))
    asyncio.run(_fetched(cluster.standby, "ALTER SYSTEM SET primary_conninfo = ''"))
    asyncio.run(_fetched(cluster.standby, "SELECT pg_reload_conf()"))
    until(lambda: not asyncio.run(_fetched(cluster.standby, "SELECT count(*) FROM pg_stat_wal_receiver")))
    lost = cluster.set("valid")
    assert (lost, True) == cluster.asked()
    cluster.primary.stop("immediate")
    cluster.standby.promote()
    seen = [cluster.asked()]
    while seen[-1] != (kept, False):
        seen.append(cluster.asked())
        assert len(seen) < 100_000
    assert {(lost, True), None, (kept, False)} >= set(seen)
    assert cluster.host.command is not None
    events = {json.loads(line)["event"] for line in cluster.host.command.err if line.startswith("{")}
    assert events & {"database_went_back", "reloading"}
    again = cluster.set("suspended")
    assert (lost, (lost, False)) == (again, cluster.asked()), "the number of the lost one is given anew"
