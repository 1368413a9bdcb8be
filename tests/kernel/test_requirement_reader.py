"""Requirements as JSON: what is read, and how each fault is named."""

import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qualsvc.kernel.requirement_reader import RequirementError, parse_requirement
from qualsvc.kernel.requirements import (
    MAX_DEPTH,
    MAX_NODES,
    AllOf,
    AnyOf,
    AtLeast,
    CertificateRequirement,
    TrainingRequirement,
    certificate_types,
    courses,
    leaves,
)
from tests.reference import requirements as reference

LEAF: dict[str, Any] = {"certificate": {"type": "T"}}


def _nested(depth: int) -> dict[str, Any]:
    requirement = LEAF
    for _ in range(depth - 1):
        requirement = {"all": [requirement]}
    return requirement


def test_every_form_is_read() -> None:
    """Each form of the contract becomes its part of the tree, and null asks nothing."""
    asked = {
        "at_least": 1,
        "of": [
            {"all": [{"certificate": {"type": "T", "min_level": "low", "scope": "s", "verified": True, "covers": ["tonnes"]}}]},
            {"any": [{"training": {"course": "K", "within_days": 0, "min_score": 60, "min_hours": 1.5, "min_attendance": 1}}]},
            {"certificate": {"type": "T", "min_level": None, "scope": None, "verified": None, "covers": None}},
            {"training": {"course": "K", "within_days": None}},
        ],
    }
    expected = AtLeast(
        1,
        (
            AllOf((CertificateRequirement("T", "low", "s", verified=True, covers=("tonnes",)),)),
            AnyOf((TrainingRequirement("K", 0, 60, 1.5, 1),)),
            CertificateRequirement("T"),
            TrainingRequirement("K"),
        ),
    )
    assert parse_requirement(asked) == expected
    assert (certificate_types(expected), courses(expected), len(list(leaves(expected)))) == ({"T"}, {"K"}, 4)


def test_as_deep_and_large_as_allowed() -> None:
    """The limits themselves are within the limits, a step more is not."""
    parse_requirement(_nested(MAX_DEPTH))
    parse_requirement({"all": [LEAF] * (MAX_NODES - 1)})
    with pytest.raises(RequirementError) as deep:
        parse_requirement(_nested(MAX_DEPTH + 1))
    assert (deep.value.code, deep.value.pointer) == ("requirement_too_deep", "/all/0" * MAX_DEPTH)
    with pytest.raises(RequirementError) as large:
        parse_requirement({"all": [LEAF] * MAX_NODES})
    assert (large.value.code, large.value.pointer) == ("requirement_too_large", f"/all/{MAX_NODES - 1}")


@pytest.mark.parametrize(
    ("document", "pointer", "code"),
    [
        (None, "", "requirement_invalid"),
        ([], "", "requirement_invalid"),
        ({}, "", "requirement_invalid"),
        ({"not": LEAF}, "", "requirement_invalid"),
        ({"all": [LEAF], "any": [LEAF]}, "", "requirement_invalid"),
        ({"all": []}, "/all", "requirement_invalid"),
        ({"any": LEAF}, "/any", "requirement_invalid"),
        ({"of": [LEAF]}, "", "requirement_invalid"),
        ({"at_least": 0, "of": [LEAF]}, "/at_least", "requirement_invalid"),
        ({"at_least": 2, "of": [LEAF]}, "/at_least", "requirement_invalid"),
        ({"at_least": True, "of": [LEAF]}, "/at_least", "requirement_invalid"),
        ({"at_least": 1.0, "of": [LEAF]}, "/at_least", "requirement_invalid"),
        ({"any": [LEAF, {"all": [{}]}]}, "/any/1/all/0", "requirement_invalid"),
        ({"certificate": "T"}, "/certificate", "requirement_invalid"),
        ({"certificate": {}}, "/certificate/type", "missing"),
        ({"certificate": {"type": 7}}, "/certificate/type", "requirement_invalid"),
        ({"certificate": {"type": "T", "levels": []}}, "/certificate/levels", "unknown_field"),
        ({"certificate": {"type": "T", "a/b~c": 1}}, "/certificate/a~1b~0c", "unknown_field"),
        ({"certificate": {"type": "T", "verified": "yes"}}, "/certificate/verified", "requirement_invalid"),
        ({"certificate": {"type": "T", "covers": "tonnes"}}, "/certificate/covers", "requirement_invalid"),
        ({"certificate": {"type": "T", "covers": [1]}}, "/certificate/covers", "requirement_invalid"),
        ({"training": {}}, "/training/course", "missing"),
        ({"training": {"course": "K", "within_days": -1}}, "/training/within_days", "requirement_invalid"),
        ({"training": {"course": "K", "within_days": 1.5}}, "/training/within_days", "requirement_invalid"),
        ({"training": {"course": "K", "within_days": False}}, "/training/within_days", "requirement_invalid"),
        ({"training": {"course": "K", "min_score": "60"}}, "/training/min_score", "requirement_invalid"),
        ({"training": {"course": "K", "min_score": float("nan")}}, "/training/min_score", "requirement_invalid"),
        ({"training": {"course": "K", "min_hours": True}}, "/training/min_hours", "requirement_invalid"),
        ({"training": {"course": "K", "min_attendance": 1.01}}, "/training/min_attendance", "requirement_invalid"),
    ],
)
def test_a_fault_is_named_by_its_place(document: Any, pointer: str, code: str) -> None:
    """The first fault is refused with a pointer to it and a stable code."""
    with pytest.raises(RequirementError) as fault:
        parse_requirement(document)
    assert (fault.value.pointer, fault.value.code) == (pointer, code)
    assert fault.value.message
    assert not fault.value.message.endswith(".")


@settings(max_examples=60)
@given(st.integers(0, 2**32))
def test_drawn_requirements_are_read(seed: int) -> None:
    """Every requirement the generator draws is read, leaf by leaf."""
    documents: dict[str, dict[str, dict[str, Any]]] = {
        "certificate_type": {"T0": {"levels": ["low", "high"]}, "T1": {"levels": []}},
        "course": {"K0": {}},
    }
    drawn = reference.draw_requirement(random.Random(seed), documents)
    told = [leaf.get("certificate", {}).get("type") or leaf["training"]["course"] for leaf in reference.leaves(drawn)]
    read = list(leaves(parse_requirement(drawn)))
    assert told == [leaf.type if isinstance(leaf, CertificateRequirement) else leaf.course for leaf in read]
