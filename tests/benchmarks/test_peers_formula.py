"""The formula that peers are given a place's requirements as."""

from itertools import product

import pytest
from benchmarks.peers.aside import document
from benchmarks.peers.formula import All, Any, AtLeast, Formula, Held, Leaf, conjunction, disjunction, fold, leaves

A, B, C, D = (Held(name) for name in "abcd")

FORMULAS = [
    A,
    All(()),
    Any(()),
    All((A, Any((B, C)))),
    Any((All((A, B)), All((B, C)), D)),
    AtLeast(2, (A, B, C)),
    All((AtLeast(2, (A, Any((B, C)), D)), Any((A, All((B, D)))))),
]


def holds(formula: Formula, held: set[Leaf]) -> bool:
    return fold(formula, lambda leaf: leaf in held, all, any, lambda number, parts: sum(parts) >= number)


@pytest.mark.parametrize("formula", FORMULAS)
def test_written_out_it_says_the_same(formula: Formula) -> None:
    """Whatever leaves hold, the clauses of both forms are met exactly where the formula is."""
    for choice in product([False, True], repeat=4):
        held: set[Leaf] = {leaf for leaf, holds_ in zip((A, B, C, D), choice, strict=True) if holds_}
        expected = holds(formula, held)
        assert expected == all(clause & held for clause in conjunction(formula))
        assert expected == any(clause <= held for clause in disjunction(formula))


def test_nothing_superfluous_is_written_out() -> None:
    """A clause that contains another is left out."""
    assert frozenset({frozenset({A})}) == conjunction(All((A, Any((A, B)))))


def test_a_formula_names_its_leaves_as_written() -> None:
    """With repetitions, in order."""
    assert [A, B, A] == list(leaves(All((A, AtLeast(1, (B, A))))))


def test_a_formula_is_json_for_programs_that_run_aside() -> None:
    """Each node under its kind, a leaf with its fields."""
    assert document(Any((A, AtLeast(1, (B,))))) == {
        "kind": "any",
        "parts": [
            {"kind": "held", "position": "a"},
            {"kind": "at_least", "number": 1, "parts": [{"kind": "held", "position": "b"}]},
        ],
    }
