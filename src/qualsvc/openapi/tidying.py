"""Going over schemas: the framework's are brought to one form, and examples of wholes are told of their parts too."""

from collections.abc import Iterator, Mapping
from typing import Any

Schema = dict[str, Any]


def referred(node: Any) -> Iterator[str]:
    """Every reference inside."""
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for inside in node.values():
            yield from referred(inside)
    elif isinstance(node, list):
        for inside in node:
            yield from referred(inside)


def tidied(shape: Schema) -> Schema:
    """Without titles that only repeat names, and a null alternative folded into the type."""
    found = {key: value for key, value in shape.items() if key != "title"}
    if "x-component" in found:
        kept = {key: found[key] for key in ("description", "examples") if key in found}
        return {"$ref": f"#/components/schemas/{found['x-component']}"} | kept
    for key in ("items", "additionalProperties"):
        if isinstance(found.get(key), dict):
            found[key] = tidied(found[key])
    if "properties" in found:
        found["properties"] = {name: tidied(each) for name, each in found["properties"].items()}
    if "anyOf" in found:
        parts = [tidied(part) for part in found.pop("anyOf")]
        others = [part for part in parts if part != {"type": "null"}]
        if len(others) == 1 and len(parts) == 2 and isinstance(others[0].get("type"), str) and "enum" not in others[0]:
            return others[0] | {"type": [others[0]["type"], "null"]} | found
        found["anyOf"] = parts
    return found


def with_shared_enumerations(node: Any, names: Mapping[tuple[str, ...], str]) -> Any:
    """The same, an enumeration that is a component being referred to: clients then have one type for it."""
    if isinstance(node, list):
        return [with_shared_enumerations(inside, names) for inside in node]
    if not isinstance(node, dict):
        return node
    found = {key: with_shared_enumerations(inside, names) for key, inside in node.items()}
    values = found.get("enum")
    if not isinstance(values, list):
        return found
    name = names.get(tuple(value for value in values if value is not None))
    if name is None:
        return found
    rest = {key: inside for key, inside in found.items() if key not in ("enum", "type")}
    shared = {"$ref": f"#/components/schemas/{name}"}
    return ({"anyOf": [shared, {"type": "null"}]} if None in values else shared) | rest


def with_examples(schemas: Mapping[str, Schema], examples: Mapping[str, Any], of_fields: Mapping[str, Any]) -> None:
    """Give each schema an example: its own, the given one, or one composed of its fields'; and each field one likewise.

    `of_fields` are values for fields by name, where neither the field nor its schema's example says any.
    """
    for name, shape in schemas.items():
        if "examples" not in shape and name in examples:
            shape["examples"] = [examples[name]]
        (whole,) = shape.get("examples", [{}])[:1]
        for field, part in shape.get("properties", {}).items():
            value = whole.get(field) if isinstance(whole, dict) else None
            value = of_fields.get(field) if value is None else value
            if "examples" not in part and value is not None and "#/components" not in str(part):
                part["examples"] = [value]
    for shape in schemas.values():
        if "examples" not in shape and "properties" in shape:
            shape["examples"] = [_composed(shape, schemas)]


def _composed(shape: Schema, schemas: Mapping[str, Schema]) -> Any:
    if "examples" in shape:
        return shape["examples"][0]
    if "$ref" in shape:
        return _composed(schemas[shape["$ref"].rpartition("/")[2]], schemas)
    if "anyOf" in shape:
        return _composed(shape["anyOf"][0], schemas)
    if "items" in shape:
        return [_composed(shape["items"], schemas)]
    fields: Schema = shape.get("properties", {})
    required: list[str] = shape.get("required", list(fields))
    return {name: _composed(part, schemas) for name, part in fields.items() if name in required or "examples" in part}
