"""The document as tests read it: operations, answers, schemas, and whether a value is as a schema says."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from openapi_schema_validator import OAS31Validator, oas31_format_checker

from qualsvc.cli.openapi import openapi_text

COMMITTED = Path(__file__).parents[2] / "openapi" / "openapi.json"
TEXT = openapi_text()
DOCUMENT: dict[str, Any] = json.loads(TEXT)
SCHEMAS: dict[str, Any] = DOCUMENT["components"]["schemas"]


@dataclass(frozen=True)
class Operation:
    """One method of one path."""

    path: str
    method: str
    told: dict[str, Any]

    def __str__(self) -> str:
        return str(self.told["operationId"])

    def response(self, status: int) -> dict[str, Any] | None:
        """What is said of this status."""
        told: dict[str, Any] | None = resolved(self.told["responses"].get(str(status)))
        return told


def operations() -> list[Operation]:
    """Every operation there is."""
    return [Operation(path, method, told) for path, methods in DOCUMENT["paths"].items() for method, told in methods.items()]


def resolved(node: Any) -> Any:
    """What a reference stands for, or the node itself."""
    while isinstance(node, dict) and "$ref" in node:
        target: Any = DOCUMENT
        for part in node["$ref"].removeprefix("#/").split("/"):
            target = target[part.replace("~1", "/").replace("~0", "~")]
        node = target
    return node


def wrong(value: Any, schema: dict[str, Any]) -> list[str]:
    """What of the value is not as the schema says."""
    whole = {"allOf": [schema], "components": DOCUMENT["components"]}
    found = OAS31Validator(whole, format_checker=oas31_format_checker).iter_errors(value)
    return [f"{error.json_path}: {error.message}" for error in found]


def contents() -> Iterator[tuple[str, dict[str, Any]]]:
    """Every body and every answer of every operation that has one: where, and its media type object."""
    for operation in operations():
        parts = {"body": operation.told.get("requestBody")} | operation.told["responses"]
        for name, part in parts.items():
            for media_type, content in (resolved(part) or {}).get("content", {}).items():
                yield f"{operation} {name} {media_type}", content


def examples(content: dict[str, Any]) -> list[Any]:
    """The examples of a media type object: its own, else those of its schema."""
    own = [each["value"] for each in content.get("examples", {}).values()]
    own += [content["example"]] if "example" in content else []
    return own or resolved(content["schema"]).get("examples", [])
