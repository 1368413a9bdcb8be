"""The plant that everything is measured on: valid, the same for the same seed, and asked as doors ask."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from itertools import islice

import pytest
from benchmarks.plant import Plant, plant, questions
from sqlalchemy.ext.asyncio import AsyncEngine

from qualsvc.kernel.answer import answer
from qualsvc.kernel.question import Question
from qualsvc.records.kinds import KINDS, references
from qualsvc.records.model import read_record
from qualsvc.store.operations import Replace
from qualsvc.store.writing import write
from tests.serving import CLERK

DAY = date(2026, 11, 21)
SMALL = plant(persons=300, day=DAY)


def decided(whole: Plant, n: int, hours: int = 0) -> list[str]:
    """What the kernel says to so many questions, so many hours into the plant's day."""
    snapshot = whole.snapshot()
    at = int((datetime(DAY.year, DAY.month, DAY.day, tzinfo=UTC) + timedelta(hours=hours)).timestamp() * 1_000_000)
    asked = (Question(person=one.person, equipment=one.equipment, process=one.process, at=at) for one in questions(whole, n))
    return [answer(snapshot, question).decision for question in asked]


def test_every_record_is_what_the_contract_allows() -> None:
    """Each line reads as a record of its kind, with all its fields in the contract's form."""
    for record in SMALL.records():
        kind = KINDS[record["kind"]]
        fields = {name: value for name, value in record.items() if name != "kind"}
        read_record(kind.model, fields)
        assert set(kind.fields) - kind.optional - kind.derived <= fields.keys()


def test_what_a_record_refers_to_came_before_it() -> None:
    """So they can be loaded in parts, whichever line a part ends with."""
    there = set()
    for record in SMALL.records():
        there.add((record["kind"], record["code"]))
        missing = [(kind, code) for _, kind, code in references(KINDS[record["kind"]], record) if (kind, code) not in there]
        assert missing == []


@pytest.mark.anyio
async def test_the_store_takes_it(engine: AsyncEngine) -> None:
    """What holds between records holds of these: statutory types are not softened, and waivers are of rules that allow them."""
    records = [dict(record) for record in plant(persons=40, day=DAY).records()]
    operations = []
    for record in records:
        kind = KINDS[record.pop("kind")]
        operations.append(Replace(kind, read_record(kind.model, record)))
    await write(engine, CLERK, operations)


def test_there_is_as_much_of_everything_as_was_asked_for() -> None:
    """Counts are the arguments; some persons lack a certificate on purpose."""
    found = Counter(record["kind"] for record in SMALL.records())
    assert (found["person"], found["equipment"], found["process"], found["rule"]) == (300, 500, 50, 200)
    assert 0.95 * 5 * 300 < found["certificate"] <= 5 * 300
    assert 28 <= found["certificate_type"] <= 36


def test_the_seed_alone_makes_it() -> None:
    """The same arguments give the same records; another seed gives other persons, and the same ground."""
    assert list(SMALL.records()) == list(plant(persons=300, day=DAY).records())
    assert list(SMALL.records()) != list(plant(persons=300, day=DAY, seed=7).records())
    assert SMALL.by_kind["rule"] == plant(persons=1, day=DAY, seed=7).by_kind["rule"]


def test_a_person_is_the_same_in_a_plant_of_any_size() -> None:
    """Growth changes how many there are, never who somebody is."""
    fewer = list(plant(persons=100, day=DAY).records())
    assert fewer == list(islice(SMALL.records(), len(fewer)))


def test_nobody_is_asked_about_twice_before_everybody_was_once() -> None:
    """As many questions as persons: each person once; all name machines and processes that exist."""
    asked = questions(SMALL, 300)
    assert len({one.person for one in asked}) == 300
    assert len(questions(SMALL, 450)) == 450
    assert {one.equipment for one in asked} <= SMALL.by_kind["equipment"].keys()
    assert {one.process for one in asked} <= SMALL.by_kind["process"].keys()


def test_most_are_let_in_and_the_others_for_many_reasons() -> None:
    """About two of three may; some may under a condition; no decision is rare."""
    found = Counter(decided(plant(persons=1500, day=DAY), 1500))
    assert 0.55 < found["allow"] / 1500 < 0.78
    assert found["conditional"] / 1500 > 0.02
    assert found["deny"] / 1500 > 0.15


def test_nothing_begins_or_ends_within_two_days() -> None:
    """So a run that passes midnight, at any site, sees the same answers from its first round to its last."""
    assert decided(SMALL, 300, hours=-24) == decided(SMALL, 300) == decided(SMALL, 300, hours=48)


def test_a_plant_too_small_is_refused() -> None:
    """Each trade needs its processes and machines."""
    with pytest.raises(ValueError, match="at least 20 processes and 40 machines"):
        plant(processes=12)
