"""Laws of recommendations, on drawn plants, and that timelines do not pay for them."""

from typing import NoReturn

from qualsvc.kernel.instants import BEGINNING
from qualsvc.kernel.states import ALLOW
from qualsvc.kernel.timelines import Timelines
from tests.kernel import laws_of_recommendations as laws
from tests.kernel.drawn import a_law

test_recommending_decides_nothing = a_law(60)(laws.recommending_decides_nothing)
test_recommending_is_no_cause = a_law(40)(laws.recommending_is_no_cause)
test_recommendations_are_told_where_not_met = a_law(60)(laws.recommendations_are_told_where_not_met)


def test_timelines_do_not_reckon_recommendations() -> None:
    """A timeline of a recommendation is ALLOW for ever; neither what it asks nor the reason is looked at."""

    def reckoned() -> NoReturn:
        raise AssertionError

    timeline = Timelines().recommend(reckoned, reckoned)
    assert (timeline.starts, timeline.values) == ((BEGINNING,), (ALLOW,))
