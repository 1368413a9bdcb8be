"""What a process says of itself when its metrics are read."""

from collections.abc import Callable, Iterator
from math import nan
from pathlib import Path

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from qualsvc.audit.memory import Memory
from qualsvc.kernel.instants import parse_instant
from qualsvc.replica.lease import MAX_SKEW
from qualsvc.replica.replica import RELOADS, Replica
from qualsvc.spool.space import WARN_AT
from qualsvc.spool.spool import Spool, SpoolUnavailableError


class ProcessGauges(Collector):
    """Reads the replica and the spool at the moment of the scrape."""

    def __init__(
        self, registry: CollectorRegistry, replica: Replica, spool: Spool, memory: Path, now: Callable[[], int]
    ) -> None:
        """`memory` is the file in which the process that keeps the log remembers; `now` answers microseconds."""
        self._replica = replica
        self._spool = spool
        self._memory = memory
        self._now = now
        registry.register(self)

    def describe(self) -> list[Metric]:
        return []

    def collect(self) -> Iterator[Metric]:
        replica, lease = self._replica, self._replica.lease
        for name, documentation, value in (
            ("qualsvc_revision", "Revision the facts in memory belong to, -1 before the first load", replica.revision),
            ("qualsvc_head_revision", "Last revision seen in the database", replica.head),
            ("qualsvc_data_age_seconds", "Seconds since the facts were known to be all there is", lease.age()),
            (
                "qualsvc_clock_skew_seconds",
                f"Wall clock less the database's; refused past {MAX_SKEW / 1e6:g}",
                lease.skew(self._now()) / 1e6,
            ),
            (
                "qualsvc_fresh",
                "1 while asks are answered, 0 while they are refused as stale or skewed",
                int(replica.is_fresh()),
            ),
            (
                "qualsvc_tables_altered",
                "1 where the tables were written past the service, so that the history does not tell what is answered from",
                int(replica.is_altered),
            ),
            ("qualsvc_spool_decisions", "Answers put on record by this process", self._spool.sequence),
            ("qualsvc_spool_bytes", "Size of this process' spool file", self._spool.size),
            (
                "qualsvc_spool_used_ratio",
                f"Of the room for answers that wait to be shipped; look why from {WARN_AT:g}, asks are refused at 1",
                self._used(),
            ),
            (
                "qualsvc_audit_failing_seconds",
                "For so long this host could not sign checkpoints of the decision log, or have them witnessed; 0 while it can",
                self._failing(),
            ),
        ):
            yield GaugeMetricFamily(name, documentation, value)
        reloads = CounterMetricFamily("qualsvc_reloads", "Times that all facts were loaded anew, by why", labels=["why"])
        for why in RELOADS:
            reloads.add_metric([why], replica.reloads[why])
        yield reloads

    def _failing(self) -> float:
        since = Memory(self._memory).failing_since
        return 0 if since is None else max(0, self._now() - parse_instant(since)) / 1e6

    def _used(self) -> float:
        """Not a number where nobody can look; asks are refused then too."""
        try:
            return self._spool.room().ratio
        except SpoolUnavailableError:
            return nan
