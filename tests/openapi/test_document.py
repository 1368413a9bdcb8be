"""The OpenAPI document: what integrators read before they write a line."""

from typing import Any, get_args

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from qualsvc.ask.asked import PARAMETERS
from qualsvc.http.codes import CODES
from qualsvc.kernel.reasons import ReasonCode
from qualsvc.records.kinds import RECORD_KINDS
from tests.openapi.reading import COMMITTED, DOCUMENT, SCHEMAS, TEXT, contents, examples, operations, resolved, wrong


def test_the_committed_document_is_that_of_this_code() -> None:
    """openapi/openapi.json is byte for byte what this version serves; `make openapi` writes it anew."""
    assert COMMITTED.read_text(encoding="utf-8") == TEXT


def test_the_document_is_one_by_the_standard() -> None:
    """It is valid OpenAPI 3.1, its schemas and their defaults included."""
    assert [] == [error.message for error in OpenAPIV31SpecValidator(DOCUMENT).iter_errors()]


def test_the_declared_ask_parameters_are_those_that_are_read() -> None:
    """The ask path's entry is declared by hand, so it is held against the table that reads the parameters."""
    declared = [parameter["name"] for parameter in DOCUMENT["paths"]["/can-operate"]["get"]["parameters"]]
    assert sorted(PARAMETERS) == sorted(declared)
    assert sorted(PARAMETERS) == sorted(SCHEMAS["Question"]["properties"])


def test_every_reason_code_is_declared_and_described() -> None:
    """An integrator can switch over the codes in the document, and read what each means."""
    declared = SCHEMAS["ReasonCode"]
    assert list(get_args(ReasonCode)) == declared["enum"]
    assert list(get_args(ReasonCode)) == [code for code, told in declared["x-enum-descriptions"].items() if told]
    assert [] == [code for code in declared["enum"] if f"| `{code}` |" not in declared["description"]]


def test_every_kind_has_its_paths() -> None:
    """Each kind is listed, read, replaced, merged and deleted under its path, and has a history."""
    for kind in RECORD_KINDS:
        assert ["get"] == sorted(DOCUMENT["paths"][f"/v1/{kind.path}"])
        assert ["delete", "get", "patch", "put"] == sorted(DOCUMENT["paths"][f"/v1/{kind.path}/{{code}}"])
        assert ["get"] == sorted(DOCUMENT["paths"][f"/v1/{kind.path}/{{code}}/history"])


@pytest.mark.parametrize("operation", operations(), ids=str)
def test_an_operation_is_described(operation: Any) -> None:
    """Each says what it does, which key it needs, and what each parameter, header and answer is."""
    told = operation.told
    assert told["summary"]
    assert told["tags"]
    scopes = [each["key"][0] for each in told["security"]]
    assert [] == [scope for scope in scopes if f"`{scope}`" not in told["description"]]
    parts = [resolved(each) for each in (*told.get("parameters", []), *told["responses"].values())]
    parts += [resolved(header) for part in parts for header in part.get("headers", {}).values()]
    assert [] == [part for part in parts if not part.get("description")]
    keyed = [resolved(each)["name"] for each in told.get("parameters", [])]
    writes = operation.path.startswith("/v1/") and operation.method == "post" and scopes != ["read"]
    assert writes == ("Idempotency-Key" in keyed)


def test_tags_are_described() -> None:
    """Every tag in use is described, and none besides."""
    used = {tag for operation in operations() for tag in operation.told["tags"]}
    assert used == {tag["name"] for tag in DOCUMENT["tags"] if tag["description"]}


def test_operation_ids_are_unique() -> None:
    """Generators name functions after them."""
    names = [str(operation) for operation in operations()]
    assert sorted(set(names)) == sorted(names)


@pytest.mark.parametrize("name", sorted(SCHEMAS))
def test_a_schema_is_described_field_by_field(name: str) -> None:
    """Each field says what it is and in which unit, and has an example, or is of a type that has one."""
    schema = SCHEMAS[name]
    assert schema.get("description")
    fields = schema.get("properties", {})
    assert [] == [field for field, part in fields.items() if not part.get("description")]
    assert [] == [field for field, part in fields.items() if "examples" not in part and "#/components" not in str(part)]


@pytest.mark.parametrize("name", sorted(SCHEMAS))
def test_the_examples_of_a_schema_are_as_it_says(name: str) -> None:
    """A schema's examples, and those of its fields, are valid by it."""
    schema = SCHEMAS[name]
    parts = [schema, *schema.get("properties", {}).values()]
    found = [problem for part in parts for example in part.get("examples", []) for problem in wrong(example, part)]
    assert [] == found


def test_every_body_and_answer_has_an_example_that_is_as_its_schema_says() -> None:
    """Whatever is sent or answered is shown, and what is shown is valid."""
    without = [where for where, content in contents() if not examples(content)]
    assert [] == without
    found = [
        (where, problem)
        for where, content in contents()
        for example in examples(content)
        for problem in wrong(example, content["schema"])
    ]
    assert [] == found


def test_examples_agree_with_themselves() -> None:
    """A replay that agrees differs nowhere; an incident counts what is frozen for it; counts are of a day and a site."""
    replayed, incident, counted = (SCHEMAS[name]["examples"][0] for name in ("ReplayAnswer", "IncidentFile", "DecisionCount"))
    assert replayed["agrees"] is (not replayed["differences"])
    assert (incident["answers"], incident["persons"]) == (
        len(incident["decisions"]),
        [state["person"]["code"] for state in incident["states"]],
    )
    assert incident["persons"] == [each["answer"]["person"] for each in incident["decisions"]]
    own = {each["code"] for state in incident["states"] for each in state["certificates"]}
    assert [] == [code for code in incident["suspended"] if code not in own]
    assert {"day", "site"} <= counted.keys()
    assert SCHEMAS["DecisionCounts"]["examples"][0]["items"] == [counted]


@pytest.mark.parametrize("about", ["decision", "incident"])
def test_what_is_not_found_is_what_was_asked_for(about: str) -> None:
    """The 404 of an operation about a decision or an incident speaks of one."""
    told = [each.response(404) for each in operations() if about in each.told["tags"] and "404" in each.told["responses"]]
    details = [one["content"]["application/problem+json"]["example"]["detail"] for one in told if one is not None]
    assert details
    assert [] == [detail for detail in details if not detail.startswith(f"there is no {about} `")]


def test_the_problems_of_an_operation_are_of_its_statuses() -> None:
    """Each problem names the codes it can have, every one known to come with its status."""
    found = []
    for operation in operations():
        for status in operation.told["responses"]:
            told = operation.response(int(status))
            assert told is not None
            if int(status) >= 400:
                found += [code for code in told["x-problem-codes"] if int(status) not in CODES[code].statuses]
                assert told["content"]["application/problem+json"]["example"]["status"] == int(status)
    assert [] == found


def test_a_stay_and_a_rule_tell_what_is_derived() -> None:
    """What is derived is told when reading and has no place where it is written."""
    assert SCHEMAS["Certificate"]["properties"]["condition"]["readOnly"]
    assert "condition" in SCHEMAS["Certificate"]["required"]
    assert "warnings" in SCHEMAS["RuleWritten"]["properties"]
    written = [SCHEMAS[name]["properties"] for name in ("CertificatePut", "CertificatePatch", "RulePut", "RulePatch")]
    assert [] == [fields for fields in written if "condition" in fields or "warnings" in fields]
