"""What the ask path counts."""

from prometheus_client import CollectorRegistry, Counter, Histogram

_PURPOSES = 64


class AskCounters:
    """Counters of one process. `purpose` is a caller's free word, so only the first ones become labels, then `other`."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._decisions = Counter(
            "qualsvc_decisions", "Answers given, by decision and purpose", ["decision", "purpose"], registry=registry
        )
        self._refusals = Counter("qualsvc_ask_refusals", "Asks not answered, by problem code", ["code"], registry=registry)
        self.seconds = Histogram(
            "qualsvc_ask_seconds",
            "Seconds from the question read to the answer on record",
            buckets=(0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.05, 0.25, 1),
            registry=registry,
        )
        self._children: dict[tuple[str, str], Counter] = {}
        self._purposes: set[str] = set()

    def answered(self, decision: str, purpose: str | None) -> None:
        word = purpose or "none"
        if word not in self._purposes:
            if len(self._purposes) >= _PURPOSES:
                word = "other"
            else:
                self._purposes.add(word)
        child = self._children.get((decision, word))
        if child is None:
            child = self._children[decision, word] = self._decisions.labels(decision, word)
        child.inc()

    def refused(self, code: str) -> None:
        """`code` is one of ours, never the caller's text."""
        self._refusals.labels(code).inc()
