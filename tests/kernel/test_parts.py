"""Tables in parts, and facts that share what is equal: what makes a million of them small and quick to copy."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from qualsvc.kernel.facts import FACTS, Certificate
from qualsvc.kernel.parts import PARTS, Parts
from qualsvc.kernel.snapshot import Snapshot
from qualsvc.zones import load

CODES = st.text("abc", max_size=3)
CHANGES = st.lists(st.tuples(st.booleans(), CODES, st.integers() | st.none()))
CERTIFICATE = {
    "type": "T",
    "level": "a",
    "scopes": ["b", "c"],
    "limits": {"t": 7},
    "status": "valid",
    "valid_from": "2026-01-01",
    "valid_until": "2027-01-01",
    "next_review_on": None,
    "verified": False,
}


@given(CHANGES, CHANGES)
def test_both_sides_of_a_copy_are_dicts_of_their_own(before: list[Any], after: list[Any]) -> None:
    """Whatever is put in and taken out on either side of a copy, each side has what a dict of its own would have."""
    one, expected = Parts[int](), dict[str, int]()
    for _, code, value in before:
        _change(one, expected, code, value)
    sides = [(one, expected), (one.copy(), expected.copy())]
    for first, code, value in after:
        _change(*sides[0 if first else 1], code, value)
    for parts, listed in sides:
        assert listed == dict(parts.items())
        assert sorted(listed.values()) == sorted(parts.values())
        assert [listed.get(code, 0) for code in ("a", "b", "")] == [parts.get(code, 0) for code in ("a", "b", "")]


def _change(parts: Parts[int], expected: dict[str, int], code: str, value: int | None) -> None:
    if value is None:
        assert expected.pop(code, None) == parts.pop(code)
    else:
        parts.put(code, value)
        expected[code] = value


def test_a_copy_shares_what_neither_side_has_changed() -> None:
    """After a copy, changing one record leaves all parts but one shared."""
    one = Parts[int]()
    for number in range(10 * PARTS):
        one.put(str(number), number)
    twin = one.copy()
    twin.put("0", -1)
    assert PARTS - 1 == sum(mine is its for mine, its in zip(one.parts(), twin.parts(), strict=True))


def test_equal_values_are_one_object() -> None:
    """Certificates that say the same keep it once, whoever's they are; the person's code is that of the person."""
    snapshot = Snapshot(load)
    person: dict[str, Any] = {"code": "P-1", "employment": "employee", "company": None, "status": "active", "badges": []}
    snapshot.take("person", [person | {"employed_from": None, "employed_until": None}])
    snapshot.take("certificate", [_certificate(code, "P-" + str(1)) for code in ("A", "B")])
    one, other = snapshot.certificates.of("P-1")
    for name in ("person", "type", "level", "scopes", "limits", "status", "valid_from", "valid_until"):
        assert getattr(one, name) is getattr(other, name), name
    assert snapshot.persons["P-1"].code is one.person


def test_numbers_are_said_as_they_were_written() -> None:
    """Limits that are equal but written otherwise are not one: what an answer says of them is what the record says."""
    whole, broken = (FACTS["certificate"](_certificate("A", "P") | {"limits": {"t": value}}) for value in (7, 7.0))
    assert isinstance(whole, Certificate)
    assert isinstance(broken, Certificate)
    assert ["7", "7.0"] == [str(fact.limits["t"]) for fact in (whole, broken)]


def test_pieces_hold_every_fact_of_a_person() -> None:
    """Who keeps the pieces of a snapshot keeps its facts, however many there are: they are freed piece by piece."""
    snapshot = Snapshot(load)
    snapshot.take("certificate", [_certificate(str(number), f"P{number % 7}") for number in range(100)])
    listed = [fact for piece in snapshot.pieces() if isinstance(piece, dict) for fact in piece.values()]
    assert {str(number) for number in range(100)} == {fact.code for fact in listed if isinstance(fact, Certificate)}


def _certificate(code: str, person: str) -> dict[str, Any]:
    return {"code": code, "person": person} | {name: _anew(value) for name, value in CERTIFICATE.items()}


def _anew(value: Any) -> Any:
    """The same value, as another object."""
    return value.encode().decode() if isinstance(value, str) else value
