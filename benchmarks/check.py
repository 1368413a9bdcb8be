"""What got slower since the committed results: ratios alone, each measured in one run, so that no machine matters.

A ratio may be worse by its tolerance. What counts of this run lies halfway from the middle of its rounds to the best of them:
rounds that spread far were disturbed, and what disturbs makes them slower, seldom faster.
"""

from collections.abc import Iterator, Mapping

from benchmarks.figures import Figure, shown_spread
from benchmarks.parts.ask import EVERYBODY

TOLERANCE = 0.15
TOLERANCES = {
    "ask.p99/bare": 0.6,
    "ask.p50/bare": 0.25,
    "growth.": 0.3,
    "kernel.known/": 0.3,
    "kernel.first/": 0.3,
    "ask.qualsvc/": 0.4,
    "kernel.qualsvc/": 0.4,
}
"""By how a key begins. The far end of a distribution is mostly the machine's; a peer is another's to make faster."""


def tolerance(key: str) -> float:
    return next((share for start, share in TOLERANCES.items() if key.startswith(start)), TOLERANCE)


def compared(committed: Mapping[str, Figure], measured: Mapping[str, Figure]) -> list[str]:
    """The keys of the ratios of ours that both have."""
    both = committed.keys() & measured.keys()
    return sorted(key for key in both if committed[key].is_ratio and measured[key].is_ratio and not key.startswith(EVERYBODY))


def slower(committed: Mapping[str, Figure], measured: Mapping[str, Figure]) -> Iterator[str]:
    """A sentence for each ratio that both have and that is worse now than it may be."""
    for key in compared(committed, measured):
        before, now, allowed = committed[key], measured[key], tolerance(key)
        worse = _worse(before, now)
        if worse > allowed:
            yield (
                f"{key.partition('.')[0]}, {now.text}: {shown_spread(now.value)} now, {shown_spread(before.value)} committed; "
                f"worse by {worse:.0%}, {allowed:.0%} is let pass"
            )


def _worse(before: Figure, now: Figure) -> float:
    """The share by which it is worse than the committed middle; negative where it is better."""
    if before.better == "more":
        return before.value.middle / _counted(now.value.middle, now.value.most) - 1
    return _counted(now.value.middle, now.value.least) / before.value.middle - 1


def _counted(middle: float, best: float) -> float:
    return (middle + best) / 2
