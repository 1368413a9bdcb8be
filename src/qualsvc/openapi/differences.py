"""What is different between two documents, said by operation and schema before any line of them is shown."""

from collections.abc import Iterator, Mapping
from hashlib import sha256
from typing import Any

Document = Mapping[str, Any]


def fingerprint(text: str) -> str:
    """The first 12 hexadecimal digits of the document's SHA-256: what the changelog names it by."""
    return sha256(text.encode()).hexdigest()[:12]


def differences(before: Document, after: Document) -> list[str]:
    """A line for each operation and component that came (+), went (-) or changed (~, with what of it did)."""
    lines = list(_compared(_operations(before), _operations(after)))
    old, new = before.get("components", {}), after.get("components", {})
    for sort in sorted({*old, *new}):
        lines += [f"{line}  ({sort})" for line in _compared(old.get(sort, {}), new.get(sort, {}))]
    rest = [name for name in sorted({*before, *after} - {"paths", "components"}) if before.get(name) != after.get(name)]
    return lines + [f"~ {name}" for name in rest]


def _operations(document: Document) -> dict[str, Any]:
    paths = document.get("paths", {})
    return {f"{method.upper()} {path}": told for path, methods in paths.items() for method, told in methods.items()}


def _compared(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    for name in before:
        if name not in after:
            yield f"- {name}"
    for name, told in after.items():
        if name not in before:
            yield f"+ {name}"
        elif before[name] != told:
            yield f"~ {name}: {', '.join(_changed(before[name], told))}"


def _changed(before: Any, after: Any) -> list[str]:
    if not isinstance(before, dict) or not isinstance(after, dict):
        return ["changed"]
    parts = [name for name in {**before, **after} if before.get(name) != after.get(name)]
    if parts == ["properties"]:
        fields = {**before["properties"], **after["properties"]}
        return [f"`{name}`" for name in fields if before["properties"].get(name) != after["properties"].get(name)]
    return parts
