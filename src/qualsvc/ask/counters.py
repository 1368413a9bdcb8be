"""What the ask path counts."""

from bisect import bisect_left
from collections.abc import Iterator
from itertools import accumulate

from prometheus_client import CollectorRegistry, Counter
from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

_PURPOSES = 64
_BOUNDS = (0.00001, 0.00002, 0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.05, 0.25, 1.0)


class AskCounters(Collector):
    """Counters of one process. `purpose` is a caller's free word, so only the first ones become labels, then `other`.

    Decisions are counted in plain numbers, read at the scrape: they cost the ask next to nothing so. Only one thread asks.
    """

    def __init__(self, registry: CollectorRegistry) -> None:
        self._refusals = Counter("qualsvc_ask_refusals", "Asks not answered, by problem code", ["code"], registry=registry)
        self._decisions: dict[tuple[str, str | None], int] = {}
        self._purposes: set[str] = set()
        self.at_once = 0
        """Asks answered before the framework."""
        self._within = [0] * (len(_BOUNDS) + 1)
        self._seconds = 0.0
        registry.register(self)

    def answered(self, decision: str, purpose: str | None, times: int = 1) -> None:
        """So many answers were put on record."""
        try:
            self._decisions[decision, purpose] += times
        except KeyError:
            label = (decision, self._label(purpose))
            self._decisions[label] = self._decisions.get(label, 0) + times

    def took(self, seconds: float) -> None:
        """So long from the question read to the answer on record."""
        self._within[bisect_left(_BOUNDS, seconds)] += 1
        self._seconds += seconds

    def refused(self, code: str) -> None:
        """`code` is one of ours, never the caller's text."""
        self._refusals.labels(code).inc()

    def _label(self, purpose: str | None) -> str | None:
        if purpose is None or purpose in self._purposes:
            return purpose
        if len(self._purposes) >= _PURPOSES:
            return "other"
        self._purposes.add(purpose)
        return purpose

    def describe(self) -> list[Metric]:
        return []

    def collect(self) -> Iterator[Metric]:
        decisions = CounterMetricFamily(
            "qualsvc_decisions", "Answers given, by decision and purpose", labels=["decision", "purpose"]
        )
        counts: dict[tuple[str, str], int] = {}
        for (decision, purpose), count in self._decisions.items():
            label = (decision, purpose or "none")  # who says `none` and who says nothing are one
            counts[label] = counts.get(label, 0) + count
        for each, count in counts.items():
            decisions.add_metric(each, count)
        yield decisions
        yield CounterMetricFamily("qualsvc_asks_at_once", "Asks answered as soon as they were read", value=self.at_once)
        reached = list(accumulate(self._within))
        yield HistogramMetricFamily(
            "qualsvc_ask_seconds",
            "Seconds from the question read to the answer on record",
            buckets=[*((str(bound), count) for bound, count in zip(_BOUNDS, reached, strict=False)), ("+Inf", reached[-1])],
            sum_value=self._seconds,
        )
