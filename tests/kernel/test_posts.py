"""What a post opens to a person, and what they lack for it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from qualsvc.kernel.answer import answer
from qualsvc.kernel.posts import Post
from qualsvc.kernel.question import Question
from qualsvc.kernel.reasons import Reason, ordered
from qualsvc.kernel.scope import in_force
from qualsvc.kernel.snapshot import Snapshot
from tests.differential.compare import snapshot_of
from tests.kernel.drawn import Drawn, a_law
from tests.sample.plant import Sample, begins

Documents = dict[str, dict[str, dict[str, object]]]


@dataclass(frozen=True)
class Told:
    """The numbers of a post, and what is lacking."""

    pairs: int
    allowed: int
    conditional: int
    lacks: tuple[Reason, ...]


def reckoned(snapshot: Snapshot, person: str, position: str, instant: int) -> Told:
    """By the kernel."""
    post = Post(snapshot, person, position, instant)
    assert all(step is None for step in post.reckon())
    return Told(post.pairs, post.allowed, post.conditional, post.lacks)


def in_order(documents: Documents) -> Snapshot:
    """The plant with every machine in service that is not retired, and none due for inspection."""
    machines = {
        code: machine if machine["status"] == "retired" else machine | {"status": "in_service", "inspection_valid_until": None}
        for code, machine in documents["equipment"].items()
    }
    return snapshot_of({**documents, "equipment": machines})


def asked_one_by_one(documents: Documents, person: str, position: str, instant: int) -> Told:
    """The same by asking for every pair the position opens."""
    plant = in_order(documents)
    decisions: list[str] = []
    reasons: list[Reason] = []
    for machine in plant.equipment.values():
        for process in plant.processes.values():
            grants = plant.applicable_rules(machine, process).grants.get(position, ())
            if machine.status == "retired" or not any(in_force(grant, instant) for grant in grants):
                continue
            found = answer(plant, Question(person=person, equipment=machine.code, process=process.code, at=instant))
            decisions.append(found.decision)
            reasons += found.reasons
    return Told(len(decisions), decisions.count("allow"), decisions.count("conditional"), lacking(plant, position, reasons))


def lacking(plant: Snapshot, position: str, reasons: Iterable[Reason]) -> tuple[Reason, ...]:
    """Those of the reasons that are not about other positions, nor about nothing but time."""

    def other(reason: Reason) -> bool:
        positions = {reason.position, plant.rules[reason.rule].position if reason.rule else None}
        return not positions <= {None, position}

    return ordered(reason for reason in reasons if reason.code != "expiring_soon" and not other(reason))


def posts_agree_with_asking(drawn: Drawn) -> None:
    """A post says what asking for each of its pairs would say."""
    for question, _, instants in drawn.cases():
        person = str(question.person)
        for t in drawn.rng.sample(instants, min(3, len(instants))):
            for position in drawn.snapshot.positions:
                expected = asked_one_by_one(drawn.documents, person, position, t)
                assert expected == reckoned(drawn.snapshot, person, position, t), (person, position, t)


test_posts_agree_with_asking = a_law(60)(posts_agree_with_asking)

TODAY = date(2026, 11, 21)


def test_posts_of_the_sample_agree_with_asking() -> None:
    """So it is in a whole plant, for people of both sites in every position."""
    sample, t = Sample.made_on(TODAY), begins(TODAY, "NGB")
    for person in ("E1001", "E1010", "E3013", "C2014"):
        for position in sample.snapshot.positions:
            expected = asked_one_by_one(sample.documents, person, position, t)
            assert expected == reckoned(sample.snapshot, person, position, t), (person, position)


def test_a_crane_driver_lacks_what_an_electrician_needs() -> None:
    """Somebody of another trade is told the certificate and the post; a driver lacks the other site's card."""
    sample, t = Sample.made_on(TODAY), begins(TODAY, "NGB")
    electrician = reckoned(sample.snapshot, "E1001", "HV-ELECTRICIAN", t)
    driver = reckoned(sample.snapshot, "E1001", "CRANE-DRIVER", t)
    assert (0, ["certificate_missing", "position_not_held"]) == (
        electrician.allowed,
        [reason.code for reason in electrician.lacks],
    )
    assert 0 < electrician.pairs
    assert 0 < driver.allowed < driver.pairs
    assert "certificate DGUV-CRANE" in [reason.requirement for reason in driver.lacks]


def test_machines_alike_are_judged_once() -> None:
    """The number of judgements does not grow with machines and processes that nothing tells apart."""
    sample, t = Sample.made_on(TODAY), begins(TODAY, "NGB")
    before = Post(sample.snapshot, "E1001", "TRUCK-DRIVER", t)
    judged = len(list(before.reckon()))
    for number in range(150):
        machine = sample.documents["equipment"]["FL-01"] | {"code": f"FL-01-{number}"}
        process = {"code": f"LOADING-{number}", "parent": "LOADING", "maintenance": False}
        sample.snapshot.apply("equipment", f"FL-01-{number}", machine)
        sample.snapshot.apply("process", f"LOADING-{number}", process)
    after = Post(sample.snapshot, "E1001", "TRUCK-DRIVER", t)
    grown = len(list(after.reckon()))
    looks = len(sample.snapshot.equipment) // 100
    assert judged == grown - looks
    assert after.pairs == before.pairs * 151 + 150 * 151


def test_facts_may_go_meanwhile() -> None:
    """Between two steps anything may be deleted; what is left is still reckoned."""
    sample, t = Sample.made_on(TODAY), begins(TODAY, "NGB")
    post = Post(sample.snapshot, "E1001", "CRANE-DRIVER", t)
    steps = post.reckon()
    next(steps)
    for kind in reversed(sample.documents):
        for code in sample.documents[kind]:
            sample.snapshot.apply(kind, code, None)
    assert [] != list(steps)
    assert post.pairs > 0


def test_nobody_and_nothing() -> None:
    """For a person or a position that is not known there are no pairs."""
    sample, t = Sample.made_on(TODAY), begins(TODAY, "NGB")
    nothing = Told(0, 0, 0, ())
    assert nothing == reckoned(sample.snapshot, "NOBODY", "CRANE-DRIVER", t)
    assert nothing == reckoned(sample.snapshot, "E1001", "NOTHING", t)
