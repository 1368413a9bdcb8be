"""One drawn plant, everyone judged at once and one by one.

A pair here is (case, instant). Some plants are crowded, with persons whose facts are those of drawn ones thrown together anew.
"""

import random
from collections.abc import Sequence
from datetime import date, timedelta

from qualsvc.kernel.answer import case_timeline
from qualsvc.kernel.case import Case, Place
from qualsvc.kernel.crowd import Crowd
from qualsvc.kernel.instants import FIRST
from qualsvc.kernel.moment import Moment, crowd_states
from qualsvc.kernel.snapshot import Snapshot
from qualsvc.kernel.states import decision
from qualsvc.kernel.timeline import Timeline
from tests.differential.compare import Document, Tally, snapshot_of
from tests.reference.plants import random_plant

INSTANTS = 6
_OWNED = ("assignment", "certificate", "training_record", "waiver", "restriction")
_DATES = ("completed_on", "valid_from", "valid_until", "next_review_on")
_CROWDED = 0.05
Pair = tuple[str, str]


def crowded(documents: dict[str, dict[str, Document]], persons: int, rng: random.Random) -> None:
    """Add so many persons, each like a drawn one, with some of the facts of drawn ones, a day sooner or later perhaps."""
    drawn = list(documents["person"].values())
    facts = [(kind, list(documents[kind].values())) for kind in _OWNED]
    for number in range(persons):
        code = f"M{number}"
        documents["person"][code] = {**rng.choice(drawn), "code": code, "badges": []}
        for kind, known in facts:
            for place, fact in enumerate(rng.sample(known, rng.randint(0, min(len(known), 12)))):
                moved = {field: _moved(fact[field], rng) for field in _DATES if _is_date(fact.get(field))}
                documents[kind][f"{code}-{place}"] = {**fact, **moved, "code": f"{code}-{place}", "person": code}


def _is_date(value: object) -> bool:
    return isinstance(value, str) and value < "9999-12-30"


def _moved(value: str, rng: random.Random) -> str:
    """A date, or an instant by its date, a day sooner or later or as it was."""
    return (date.fromisoformat(value[:10]) + timedelta(rng.randint(-1, 1))).isoformat() + value[10:]


def timelines(snapshot: Snapshot, *, waivers: bool) -> dict[Pair, dict[str, Timeline]]:
    """The timeline of each case of a plant, by equipment and process, then by person."""
    found: dict[Pair, dict[str, Timeline]] = {}
    for equipment in snapshot.equipment:
        for process in snapshot.processes:
            place = Place.find(snapshot, equipment, process)
            assert place is not None
            of_pair = {code: case_timeline(Case(place, person, waivers=waivers)) for code, person in snapshot.persons.items()}
            found[equipment, process] = of_pair
    return found


def instants(of_pairs: Sequence[dict[Pair, dict[str, Timeline]]], rng: random.Random) -> list[int]:
    """Some of the instants at and 1 µs about which any state changes, and now and then the first there is."""
    lines = (line for cases in of_pairs for of_pair in cases.values() for line in of_pair.values())
    changes = sorted({start + shift for line in lines for start in line.starts[1:] for shift in (-1, 0, 1)})
    return [*rng.sample(changes, min(INSTANTS, len(changes))), FIRST]


def sets_compared(seed: int, number: int) -> Tally:
    """Judge plant `number` of the run both ways."""
    rng = random.Random(f"sets {seed}/{number}")
    documents = random_plant(rng)
    if rng.random() < _CROWDED:
        crowded(documents, rng.choice((20, 70)), rng)
    return crowd_compared(snapshot_of(documents), rng, f"python -m tests.differential --sets --seed {seed} --plant {number}")


def crowd_compared(snapshot: Snapshot, rng: random.Random, again: str) -> Tally:
    """Everyone's states, as one crowd and as a crowd of some, against those of each case; `again` shows it again."""
    tally = Tally(plants=1)
    expected = {waivers: timelines(snapshot, waivers=waivers) for waivers in (True, False)}
    some = rng.sample(list(snapshot.persons), rng.randint(0, len(snapshot.persons)))
    crowds = (Crowd(snapshot), Crowd(snapshot, [*some, "NOBODY", *some]))
    for instant in instants(list(expected.values()), rng):
        moments = [Moment(crowd, instant) for crowd in crowds]
        for waivers, cases in expected.items():
            for (equipment, process), of_pair in cases.items():
                ways = [(moment.crowd, moment.states(equipment, process, waivers=waivers)) for moment in moments]
                if waivers:
                    ways.append(crowd_states(snapshot, equipment, process, instant))
                for way, (crowd, states) in enumerate(ways):
                    for code, line in of_pair.items():
                        bit = crowd.bits.get(code)
                        if bit is None and way == 1:
                            continue
                        tally.pairs += 1
                        found, state = (0 if bit is None else states.state(bit)), line.at(instant)
                        tally.residuals[state] += 1
                        tally.decisions[decision(state)] += 1
                        if found != state:
                            asked = f"{code} {equipment} {process} at {instant} waivers {waivers} way {way}"
                            tally.mismatches.append(f"{again}\n  asked    {asked}\n  expected {state}\n  sets     {found}")
    return tally
