"""`/can-operate` over HTTP against the bare application, what a user would write, and the peers."""

from collections.abc import Iterator

from benchmarks.contestant import OverHttp
from benchmarks.contestants import peers, present
from benchmarks.figures import Figure, Measured, Spread, Table, shown_spread
from benchmarks.over_http import CONNECTIONS, Rounds, Timing, alone, at_rate, cpu, measure, throughput
from benchmarks.parts.part import Part, plant_of
from benchmarks.service import QUALSVC
from benchmarks.yardsticks import BARE, FASTAPI, YARDSTICKS

_QUICK = Timing(rounds=3, throughput_s=1.5, alone_s=0.7, rate_s=1.5)
_LOADING_S, _LOADING_QUICK_S = 30, 8
EVERYBODY = "everybody."
"""What the key of a figure begins with that says what each contestant does, and nothing of ours in particular."""
PEER = "ask.qualsvc/"
"""What the key of a figure against a peer begins with; the peer's name and what was measured follow."""


def _contestants(quick: bool) -> tuple[list[OverHttp], list[str]]:
    """The service and the yardstick last and beside each other: it is their ratio that matters most."""
    if quick:
        return [FASTAPI, BARE, QUALSVC], [
            "a quick run leaves out the peers and what a user would write, and has a plant of 2,000 persons"
        ]
    there, sentences = present(one for one in peers() if isinstance(one, OverHttp))
    ours = [one for one in reversed(YARDSTICKS) if one is not BARE]
    return [*(one for one in there if isinstance(one, OverHttp)), *ours, BARE, QUALSVC], sentences


def _timing(quick: bool) -> Timing:
    return _QUICK if quick else Timing()


def _seconds(quick: bool) -> float:
    contestants, _ = _contestants(quick)
    loading = _LOADING_QUICK_S if quick else 2 * _LOADING_S
    return loading + _timing(quick).seconds(len(contestants)) + 3 * len(contestants)


def _measure(quick: bool) -> Measured:
    contestants, left_out = _contestants(quick)
    found = measure(plant_of(quick=quick), contestants, _timing(quick))
    ours, bare = found[QUALSVC.name], found[BARE.name]
    figures = [*against_bare(ours, bare)]
    for one in contestants:
        figures += _shown(found[one.name], bare)
        if one.decides and one is not QUALSVC:
            figures += _against(ours, found[one.name])
    return Measured(tuple(figures), (_table(found, bare),), tuple(left_out))


def against_bare(ours: Rounds, bare: Rounds) -> Iterator[Figure]:
    """What the goals of the service by itself are set on."""
    yield Figure("ask.throughput", f"answers a second on {CONNECTIONS} connections", "/s", Spread.of(ours.a_second()), "more")
    yield Figure("ask.throughput/bare", f"answers a second ÷ {bare.name}", "×", throughput(ours, bare), "more")
    yield Figure("ask.cpu/bare", f"CPU time an answer ÷ {bare.name}", "×", cpu(ours, bare))
    yield Figure("ask.p50", "p50 on one connection", "µs", Spread.of(ours.p50()))
    yield Figure("ask.p50/bare", f"p50 on one connection ÷ {bare.name}", "×", alone(ours, bare))
    yield Figure("ask.p99", f"p99 at {ours.rate:,}/s", "ms", Spread.of([each / 1e3 for each in ours.p99()]))
    yield Figure("ask.p99/bare", f"p99 at {ours.rate:,}/s ÷ {bare.name}", "×", at_rate(ours, bare))


def _against(ours: Rounds, peer: Rounds) -> Iterator[Figure]:
    key = f"{PEER}{peer.name}"
    yield Figure(f"{key}.throughput", f"answers a second ÷ {peer.name}", "×", throughput(ours, peer), "more")
    yield Figure(f"{key}.p50", f"p50 on one connection ÷ {peer.name}", "×", alone(ours, peer))
    yield Figure(f"{key}.p99", f"p99, {ours.rate:,}/s ÷ {peer.name}, {peer.rate:,}/s", "×", at_rate(ours, peer))


def _shown(one: Rounds, bare: Rounds) -> Iterator[Figure]:
    """What is drawn of everybody."""
    yield Figure(f"{EVERYBODY}throughput/{one.name}", one.name, "×", throughput(one, bare), "more")
    yield Figure(f"{EVERYBODY}p50/{one.name}", one.name, "µs", Spread.of(one.p50()))
    yield Figure(f"{EVERYBODY}p99_at_{one.rate}/{one.name}", one.name, "µs", Spread.of(one.p99()))


def _table(found: dict[str, Rounds], bare: Rounds) -> Table:
    def row(one: Rounds) -> tuple[str, ...]:
        at = "" if one.kept_up() else ", cannot keep up"
        return (
            one.name,
            one.version,
            shown_spread(Spread.of(one.a_second())),
            shown_spread(throughput(one, bare)),
            shown_spread(Spread.of(one.cpu_us)),
            shown_spread(Spread.of(one.p50())),
            shown_spread(Spread.of([each / 1e3 for each in one.p99()])) + f" at {one.rate:,}/s{at}",
        )

    header = ("server", "version", "answers a second", "÷ bare", "CPU an answer, µs", "p50 on one connection, µs", "p99, ms")
    return Table("Over HTTP, side by side", header, tuple(row(one) for one in found.values()))


ASK = Part("ask", "`/can-operate` over HTTP", _seconds, _measure)
