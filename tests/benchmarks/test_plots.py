"""The pictures of a report."""

import xml.etree.ElementTree as ET

import pytest
from benchmarks.axes import Linear, Logarithmic
from benchmarks.figures import Figure, Spread
from benchmarks.plots import plots

SVG = "{http://www.w3.org/2000/svg}"


def figures(*keys: str) -> dict[str, Figure]:
    return {key: Figure(key, key, "µs", Spread.of([30.0, 10.0, 20.0])) for key in keys}


EVERYBODY = figures(
    *(
        f"everybody.{measured}/{name}"
        for measured in ("throughput", "p50", "p99_at_2000")
        for name in ("qualsvc", "FastAPI & co")
    ),
    "everybody.p99_at_100/naive",
)
GROWTH = figures(*(f"growth.us.{way}.{size}" for way in ("http", "known", "first") for size in (1_000, 1_000_000)))


def words(drawn: str) -> set[str]:
    return {element.text for element in ET.fromstring(drawn).iter() if element.text}


def test_each_experiment_has_a_picture_of_its_own() -> None:
    """What was asked in another way, or at another rate, is not drawn into it."""
    drawn = plots(EVERYBODY | GROWTH)
    assert set(drawn) == {
        *("throughput.svg", "p50.svg", "p99_at_2000.svg"),
        *("growth_http.svg", "growth_known.svg", "growth_first.svg"),
    }
    assert {"qualsvc", "FastAPI & co"} <= words(drawn["p99_at_2000.svg"])
    assert "naive" not in words(drawn["p99_at_2000.svg"])


def test_axes_say_what_they_measure() -> None:
    """In words and units."""
    drawn = plots(EVERYBODY | GROWTH)
    assert "times bare ASGI's, 32 connections" in words(drawn["throughput.svg"])
    assert "microseconds, logarithmic" in words(drawn["p50.svg"])
    assert "persons in the plant, logarithmic" in words(drawn["growth_http.svg"])


@pytest.mark.parametrize("name", ["throughput.svg", "p50.svg", "growth_known.svg"])
def test_the_spread_is_drawn(name: str) -> None:
    """Two figures of the same median, one of which wavered, look different."""
    steady = {key: Figure(key, key, "µs", Spread(20.0, 20.0, 20.0, 3)) for key in EVERYBODY | GROWTH}
    wavering = steady | dict(list((EVERYBODY | GROWTH).items())[::2])
    assert plots(steady)[name] != plots(wavering)[name]


@pytest.mark.parametrize("drawn", plots(EVERYBODY | GROWTH).values(), ids=plots(EVERYBODY | GROWTH))
def test_pictures_bring_their_own_ground(drawn: str) -> None:
    """Under them may be white or black: the first shape is a rectangle of one colour, as large as the picture."""
    root = ET.fromstring(drawn)
    ground = root[0]
    assert (ground.tag, ground.get("fill")) == (f"{SVG}rect", "#ffffff")
    assert (ground.get("width"), ground.get("height")) == (root.get("width"), root.get("height"))


def test_what_was_not_measured_is_not_drawn() -> None:
    """A run of one part has no empty pictures."""
    assert plots(figures("kernel.known")) == {}


@pytest.mark.parametrize(("high", "ticks"), [(1.24, [0, 0.5, 1, 1.5]), (4.0, [0, 1, 2, 3, 4]), (31.0, [0, 10, 20, 30, 40])])
def test_a_linear_axis_begins_at_zero_and_has_round_ticks(high: float, ticks: list[float]) -> None:
    """So that lengths mean what they look like; the highest value is within it."""
    axis = Linear(high, 100, 200)
    assert axis.ticks() == pytest.approx(ticks)
    assert (axis.at(0), axis.at(ticks[-1])) == pytest.approx((100, 200))


@pytest.mark.parametrize(("low", "high", "ticks"), [(20, 300, [10, 100, 1000]), (100, 100, [100, 1000])])
def test_a_logarithmic_axis_goes_from_power_to_power(low: float, high: float, ticks: list[float]) -> None:
    """Also around one value."""
    axis = Logarithmic(low, high, 0, 100)
    assert axis.ticks() == ticks
    assert (axis.at(ticks[0]), axis.at(ticks[-1])) == pytest.approx((0, 100))
