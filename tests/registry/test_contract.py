"""The records agree with the contract, field by field."""

import json
from pathlib import Path
from typing import Any, get_args

import pytest
from sqlalchemy import CheckConstraint

from qualsvc.records.documents import to_document
from qualsvc.records.kinds import KINDS, RECORD_KINDS, Kind
from qualsvc.records.model import read_record
from qualsvc.store.tables import metadata
from tests.store.world import RECORDS

CONTRACT: dict[str, Any] = json.loads((Path(__file__).parent.parent / "contract" / "contract.json").read_text())["kinds"]
CONTRACT_KINDS = [kind for kind in RECORD_KINDS if kind.name in CONTRACT]
ENUMERATIONS = [
    (name, field, said["values"])
    for name, kind in CONTRACT.items()
    for field, said in kind["fields"].items()
    if said["type"] == "enum"
]


def test_the_kinds_are_those_of_the_contract() -> None:
    """All sixteen, with their paths; the one of ours is the stay on a site."""
    contract = {name: said["path"] for name, said in CONTRACT.items()}
    assert {kind.name: kind.path for kind in RECORD_KINDS} == contract | {"site_stay": "site-stays"}


@pytest.mark.parametrize("kind", CONTRACT_KINDS, ids=lambda kind: kind.name)
def test_fields_references_and_personal_fields_agree(kind: Kind) -> None:
    """Names, order, what is required, what refers to what, what is personal."""
    fields = CONTRACT[kind.name]["fields"]
    model = kind.model.model_fields
    assert [name for name in kind.fields if name not in kind.optional] == list(fields)
    assert {name for name in model if model[name].is_required()} == {n for n, said in fields.items() if said.get("required")}
    assert dict(kind.references) == {name: said["kind"] for name, said in fields.items() if "kind" in said}
    assert kind.personal == tuple(name for name, said in fields.items() if said.get("personal"))
    required = tuple(name for name, said in fields.items() if said["type"] == "requirement")
    assert required == tuple(name for name in kind.requirements if name not in kind.optional)


@pytest.mark.parametrize("kind", CONTRACT_KINDS, ids=lambda kind: kind.name)
def test_defaults_fill_what_is_left_out_or_null(kind: Kind) -> None:
    """A record of required fields only gets the contract's defaults, and so does one with nulls."""
    fields = CONTRACT[kind.name]["fields"]
    required = {name: RECORDS[kind.name][name] for name, said in fields.items() if said.get("required")}
    defaults = {name: said["default"] for name, said in fields.items() if not said.get("required")}
    bare = to_document(read_record(kind.model, required))
    assert {name: bare[name] for name in defaults} == defaults
    assert to_document(read_record(kind.model, required | dict.fromkeys(defaults))) == bare


@pytest.mark.parametrize(("kind", "field", "values"), ENUMERATIONS)
def test_enumerations_agree_in_model_and_table(kind: str, field: str, values: list[str]) -> None:
    """The model takes exactly these values, and so does the table."""
    assert list(get_args(KINDS[kind].model.model_fields[field].annotation)) == values
    checks = {str(c.sqltext) for c in metadata.tables[kind].constraints if isinstance(c, CheckConstraint)}
    assert f"{field} IN ({', '.join(repr(value) for value in values)})" in checks
