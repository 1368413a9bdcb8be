"""The OpenAPI document: what integrators read before they write a line."""

import json
from pathlib import Path
from typing import Any, get_args

from qualsvc.ask.asked import PARAMETERS
from qualsvc.cli.openapi import openapi_text
from qualsvc.kernel.reasons import ReasonCode
from qualsvc.records.kinds import RECORD_KINDS

COMMITTED = Path(__file__).parents[2] / "openapi" / "openapi.json"
DOCUMENT: dict[str, Any] = json.loads(openapi_text())


def test_the_committed_document_is_that_of_this_code() -> None:
    """openapi/openapi.json is byte for byte what this version serves; `make openapi` writes it anew."""
    assert COMMITTED.read_text(encoding="utf-8") == openapi_text()


def test_the_declared_ask_parameters_are_those_that_are_read() -> None:
    """The ask path's entry is declared by hand, so it is held against the table that reads the parameters."""
    declared = [parameter["name"] for parameter in DOCUMENT["paths"]["/can-operate"]["get"]["parameters"]]
    assert sorted(PARAMETERS) == sorted(declared)
    assert sorted(PARAMETERS) == sorted(DOCUMENT["components"]["schemas"]["Question"]["properties"])


def test_every_reason_code_is_declared() -> None:
    """An integrator can switch over the codes in the document."""
    declared = DOCUMENT["components"]["schemas"]["Reason"]["properties"]["code"]["enum"]
    assert list(get_args(ReasonCode)) == declared


def test_every_kind_has_its_paths() -> None:
    """Each kind of the contract is listed, read, replaced, merged and deleted under its path."""
    for kind in RECORD_KINDS:
        assert ["get"] == sorted(DOCUMENT["paths"][f"/v1/{kind.path}"])
        assert ["delete", "get", "patch", "put"] == sorted(DOCUMENT["paths"][f"/v1/{kind.path}/{{code}}"])


def test_every_reference_resolves() -> None:
    """No schema refers to one that is not there."""
    schemas = {f"#/components/schemas/{name}" for name in DOCUMENT["components"]["schemas"]}
    assert set() == set(_references(DOCUMENT)) - schemas


def _references(node: Any) -> list[str]:
    if isinstance(node, dict):
        own = [node["$ref"]] if isinstance(node.get("$ref"), str) else []
        return own + [found for value in node.values() for found in _references(value)]
    if isinstance(node, list):
        return [found for value in node for found in _references(value)]
    return []
