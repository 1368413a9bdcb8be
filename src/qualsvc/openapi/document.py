"""The document as a whole: the framework's, the ask path's, and what all operations share, put together."""

import json
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI

from qualsvc.http.declared import needs, parameter, schema
from qualsvc.http.problems import Problem
from qualsvc.openapi.ask_schemas import ask_schemas
from qualsvc.openapi.asking import ask_paths
from qualsvc.openapi.examples import FIELDS, bodies, examples
from qualsvc.openapi.info import HEADERS, INFO, PARAMETERS, SECURITY_SCHEMES, SERVERS, TAGS
from qualsvc.openapi.problem_examples import problem_example
from qualsvc.openapi.record_schemas import record_schemas
from qualsvc.openapi.requirement_schemas import REQUIREMENT_SCHEMAS
from qualsvc.openapi.sampled import chosen
from qualsvc.openapi.tidying import referred, tidied, with_examples, with_shared_enumerations
from qualsvc.records.kinds import INCIDENT, RECORD_KINDS
from qualsvc.registry.rules_described import RuleWarning

Document = dict[str, Any]

_KINDS = {kind.path: kind for kind in (*RECORD_KINDS, INCIDENT)}
_IN = ("path", "query", "header")
_DECISION_ID = "hsmdgaoslezht4na-1042"


def document(web: FastAPI) -> Document:
    """Everything about the service whose routes these are."""
    made = web.openapi()
    paths = dict(sorted((ask_paths() | made["paths"]).items(), key=_part))
    for path, methods in paths.items():
        for method, operation in methods.items():
            _complete(path, method, operation)
    schemas = {name: tidied(shape) for name, shape in (_advice() | made["components"]["schemas"]).items()}
    schemas |= ask_schemas() | REQUIREMENT_SCHEMAS | record_schemas()
    schemas |= _bodies(paths)
    enumerations = {tuple(shape["enum"]): name for name, shape in schemas.items() if "enum" in shape}
    schemas = {
        name: shape if "enum" in shape else with_shared_enumerations(shape, enumerations) for name, shape in schemas.items()
    }
    paths = with_shared_enumerations(paths, enumerations)
    shared = _shared_responses(paths)
    whole: Document = {
        "openapi": made["openapi"],
        "info": INFO | {"version": web.version},
        "servers": SERVERS,
        "tags": TAGS,
        "security": [{"key": []}],
        "paths": paths,
        "components": {
            "securitySchemes": SECURITY_SCHEMES,
            "parameters": PARAMETERS,
            "headers": HEADERS,
            "responses": shared,
            "schemas": schemas,
        },
    }
    with_examples(schemas, examples(), FIELDS)
    for operation in _operations(paths):
        if (body := bodies().get(operation["operationId"])) is not None:
            (content,) = operation["requestBody"]["content"].values()
            content["example"] = body
    for kind in ("parameters", "headers", "schemas"):
        _keep_used(whole, kind)
    return whole


def _part(item: tuple[str, Document]) -> int:
    """The place of a path's part in the document; within a part, paths stay in the order of the routes."""
    (tag, *_) = next(iter(item[1].values()))["tags"]
    return [each["name"] for each in TAGS].index(tag)


def _bodies(paths: Document) -> Document:
    """Take the bodies that are described in place out of the operations, each named after its operation."""
    found: Document = {}
    for operation in _operations(paths):
        for content in operation.get("requestBody", {}).get("content", {}).values():
            if content["schema"].get("type") == "object":
                name = f"{operation['operationId'].title().replace('_', '')}Body"
                found[name] = tidied(content["schema"])
                content["schema"] = schema(name)
    return found


def _advice() -> Document:
    """Schemas that no route names as its own: warnings are told with records, questions are sent as JSON."""
    whole = RuleWarning.model_json_schema(ref_template="#/components/schemas/{model}")
    inside: Document = whole.pop("$defs")
    return inside | {"RuleWarning": whole}


def _operations(paths: Document) -> Iterator[Document]:
    for methods in paths.values():
        yield from methods.values()


def _complete(path: str, method: str, operation: Document) -> None:
    """Say of an operation what follows from its path and method alone."""
    responses = operation["responses"]
    if "HTTPValidationError" in json.dumps(responses.get("422", "")):
        del responses["422"]  # the framework's own; paths and bodies are read by us
    operation["responses"] = {status: responses[status] for status in sorted(responses)}
    if path.startswith("/v1/"):
        operation.setdefault("security", needs("read" if method == "get" else "maintain"))
        writes = operation["security"] != needs("read")
        sent = [parameter("Idempotency-Key")] if writes and method == "post" else []
        sent += [parameter("X-Request-Id"), parameter("Wait")] if writes else []
        given = [_named(path) if each.get("in") == "path" else each for each in operation.get("parameters", [])]
        operation["parameters"] = sorted([*given, *sent], key=_place)
    if scopes := [each["key"][0] for each in operation.get("security", [])]:
        named = " or ".join(f"`{scope}`" for scope in scopes)
        operation["description"] = f"{operation['description']}\n\nNeeds a key with the scope {named}."
    for each in ("parameters", "requestBody", "responses"):
        if each in operation:  # told last, after what the operation is
            operation[each] = operation.pop(each)


def _named(path: str) -> Document:
    """What the name in a path is: the code of a record, or the id of a decision."""
    if path.startswith("/v1/decisions/"):
        shape = {"type": "string", "minLength": 1, "examples": [_DECISION_ID]}
        told = "As the answer said it."
        return {"name": "decision_id", "in": "path", "required": True, "description": told, "schema": shape}
    kind = _KINDS[path.split("/")[2]]
    spoken = kind.name.replace("_", " ")
    shape = {"type": "string", "minLength": 1, "maxLength": 64, "examples": [chosen(kind)["code"]]}
    return {"name": "code", "in": "path", "required": True, "description": f"Code of the {spoken}.", "schema": shape}


def _place(each: Document) -> int:
    if "$ref" in each:
        each = PARAMETERS[each["$ref"].rpartition("/")[2]]
    return _IN.index(each["in"])


def _shared_responses(paths: Document) -> Document:
    """Take problems told alike by several operations out of them.

    Of each status the commonest has the status' own name, the others add that of the first operation that has them.
    """
    told: dict[str, dict[str, list[Document]]] = defaultdict(lambda: defaultdict(list))
    for operation in _operations(paths):
        for status, response in operation["responses"].items():
            if "x-problem-codes" in response:
                (media,) = response["content"].values()
                media["example"] = problem_example(int(status), response["x-problem-codes"], operation["tags"][0])
                told[status][json.dumps(response, sort_keys=True)].append(operation)
    shared: Document = {}
    for status, alike in sorted(told.items()):
        word = Problem(int(status), "", "").title.title().replace(" ", "")
        commonest = max(alike.values(), key=len)
        for operations in alike.values():
            response = operations[0]["responses"][status]
            if len(operations) > 1:
                name = word if operations is commonest else f"{word}-{operations[0]['operationId']}"
                shared[name] = response
                for operation in operations:
                    operation["responses"][status] = {"$ref": f"#/components/responses/{name}"}
    return shared


def _keep_used(whole: Document, sort: str) -> None:
    """Drop the components that nothing refers to, nor any that is referred to."""
    components = whole["components"][sort]
    prefix = f"#/components/{sort}/"
    rest = {**whole, "components": {**whole["components"], sort: {}}}
    used: set[str] = set()
    unread = [ref.removeprefix(prefix) for ref in referred(rest) if ref.startswith(prefix)]
    while unread:
        name = unread.pop()
        if name not in used:
            used.add(name)
            unread += [ref.removeprefix(prefix) for ref in referred(components[name]) if ref.startswith(prefix)]
    whole["components"][sort] = {name: components[name] for name in sorted(used)}
