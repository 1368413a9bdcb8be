"""The drawn plants are valid by the contract, and the evaluator's boundaries miss nothing in them."""

import random
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from .documents import Document, Plant, instant
from .evaluator import answer, boundaries, residual, state
from .plants import KINDS, random_plant, random_questions
from .requirements import names_type

REFERENCES = {
    "org_unit": {"parent": "org_unit", "site": "site"},
    "equipment_class": {"parent": "equipment_class"},
    "equipment": {"equipment_class": "equipment_class", "site": "site"},
    "process": {"parent": "process"},
    "person": {"company": "company", "site": "site", "org_unit": "org_unit", "supervisor": "person"},
    "assignment": {"person": "person", "position": "position"},
    "certificate": {"person": "person", "type": "certificate_type"},
    "training_record": {"person": "person", "course": "course"},
    "rule": {
        "position": "position",
        "equipment": "equipment",
        "equipment_class": "equipment_class",
        "process": "process",
        "site": "site",
    },
    "waiver": {"person": "person", "rule": "rule", "equipment": "equipment", "process": "process"},
    "restriction": {
        "person": "person",
        "site": "site",
        "equipment_class": "equipment_class",
        "equipment": "equipment",
        "process": "process",
    },
}


def _drawn(seed: int) -> tuple[dict[str, dict[str, Document]], list[Document]]:
    rng = random.Random(seed)
    documents = random_plant(rng)
    return documents, random_questions(rng, documents, 4)


@pytest.mark.parametrize("seed", range(60))
def test_references_resolve_and_ends_follow_starts(seed: int) -> None:
    """A drawn plant could be written to the service as it is."""
    documents, _ = _drawn(seed)
    assert sorted(documents) == sorted(KINDS)
    for kind, fields in REFERENCES.items():
        for document in documents[kind].values():
            for field, target in fields.items():
                assert document[field] is None or document[field] in documents[target]
            if "parent" in fields:
                assert document["parent"] is None or document["parent"] < document["code"]
    for kind in ("assignment", "waiver", "restriction"):
        for document in documents[kind].values():
            assert document["valid_until"] is None or instant(document["valid_from"]) < instant(document["valid_until"])
    for document in documents["certificate"].values():
        assert document["valid_until"] is None or document["valid_from"] <= document["valid_until"]


@pytest.mark.parametrize("seed", range(60))
def test_rules_keep_what_is_refused(seed: int) -> None:
    """No drawn rule or waiver is one the service refuses with 422."""
    documents, _ = _drawn(seed)
    for rule in documents["rule"].values():
        assert rule["effect"] == "guard" or rule["enforcement"] != "monitor"
        assert rule["effect"] == "guard" or rule["enforcement"] != "confirm" or rule["position"] is not None
        assert rule["equipment"] is None or rule["equipment_class"] is None
        if names_type(rule["requirement"], documents, "statutory"):
            assert (rule["enforcement"], rule["waivable"], rule["supervised_requirement"]) == ("block", False, None)
        if rule["supervised_requirement"] is not None:
            assert not names_type(rule["supervised_requirement"], documents, "statutory")
        if rule["effective_from"] is not None and rule["effective_until"] is not None:
            assert instant(rule["effective_from"]) < instant(rule["effective_until"])
    for waiver in documents["waiver"].values():
        assert documents["rule"][waiver["rule"]]["waivable"]
        assert waiver["approved_by"] != waiver["requested_by"]


@pytest.mark.parametrize("seed", range(60))
def test_nothing_changes_between_boundaries(seed: int) -> None:
    """Between two boundaries every instant has the residual of the first."""
    rng = random.Random(seed)
    documents, questions = _drawn(seed)
    plant = Plant(documents)
    for question in questions:
        asked = (question["person"], question["equipment"], question["process"])
        helped_by = (question["supervisor"], question["confirmed_by"])
        found = boundaries(plant, *asked, *helped_by)
        for start, end in pairwise(found):
            expected = residual(plant, *asked, start, *helped_by)
            for t in {end - 1, rng.randrange(start, end), rng.randrange(start, end)}:
                assert residual(plant, *asked, t, *helped_by) == expected


@pytest.mark.parametrize("seed", range(30))
def test_an_answer_holds_until_its_valid_until(seed: int) -> None:
    """At any instant before `valid_until` the answer is the same, and at it another."""
    documents, questions = _drawn(seed)
    plant = Plant(documents)
    for question in [question | {"until": None} for question in questions]:
        now = answer(plant, question)
        if now["valid_until"] is not None:
            before = answer(plant, question | {"at": now["valid_until"] - 1})
            after = answer(plant, question | {"at": now["valid_until"]})
            assert (before["decision"], before["obligations"]) == (now["decision"], now["obligations"])
            assert (after["decision"], after["obligations"]) != (now["decision"], now["obligations"])


# Now and then plants in a row are larger than hypothesis likes; they are passed over.
@settings(max_examples=15, suppress_health_check=[HealthCheck.data_too_large])
@given(st.randoms(use_true_random=False))
def test_hypothesis_can_draw(rng: random.Random) -> None:
    """Hypothesis's randoms draw plants as seeds do, and every state is one of the six."""
    documents: dict[str, dict[str, dict[str, Any]]] = random_plant(rng)
    plant = Plant(documents)
    for question in random_questions(rng, documents, 2):
        assert state(plant, question["person"], question["equipment"], question["process"], question["at"]) in {
            0,
            8,
            10,
            12,
            14,
            15,
        }
