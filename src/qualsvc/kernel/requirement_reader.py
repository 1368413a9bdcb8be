"""Reading a requirement from the contract's JSON form, naming every fault by JSON pointer."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from qualsvc.kernel.requirements import (
    MAX_DEPTH,
    MAX_NODES,
    AllOf,
    AnyOf,
    AtLeast,
    CertificateRequirement,
    Requirement,
    TrainingRequirement,
)

_FORMS = "`all`, `any`, `at_least` with `of`, `certificate` or `training`"
_CERTIFICATE_KEYS = frozenset({"type", "min_level", "scope", "verified", "covers"})
_TRAINING_KEYS = frozenset({"course", "within_days", "min_score", "min_hours", "min_attendance"})
_MAX_DAYS = 10_000_000
_MAX_NUMBER = 10**15


@dataclass
class RequirementError(ValueError):
    """One fault: where (`pointer`, relative to the requirement), a stable `code`, and what to do."""

    pointer: str
    code: str
    message: str


def parse_requirement(document: Any) -> Requirement:
    """Read a requirement or raise `RequirementError` for its first fault."""
    return _Reader().node(document, "", 1)


class _Reader:
    def __init__(self) -> None:
        self.nodes = 0

    def node(self, document: Any, pointer: str, depth: int) -> Requirement:
        self.nodes += 1
        if depth > MAX_DEPTH:
            raise RequirementError(pointer, "requirement_too_deep", f"nested deeper than {MAX_DEPTH}; split the rule")
        if self.nodes > MAX_NODES:
            raise RequirementError(pointer, "requirement_too_large", f"more than {MAX_NODES} parts; split the rule")
        if not isinstance(document, Mapping):
            raise RequirementError(pointer, "requirement_invalid", f"must be an object with {_FORMS}")
        match sorted(document):
            case ["all"]:
                return AllOf(self.parts(document["all"], f"{pointer}/all", depth))
            case ["any"]:
                return AnyOf(self.parts(document["any"], f"{pointer}/any", depth))
            case ["at_least", "of"]:
                parts = self.parts(document["of"], f"{pointer}/of", depth)
                return AtLeast(_count(document["at_least"], len(parts), f"{pointer}/at_least"), parts)
            case ["certificate"]:
                return _certificate(document["certificate"], f"{pointer}/certificate")
            case ["training"]:
                return _training(document["training"], f"{pointer}/training")
        raise RequirementError(pointer, "requirement_invalid", f"must have exactly one form of {_FORMS}")

    def parts(self, document: Any, pointer: str, depth: int) -> tuple[Requirement, ...]:
        if not isinstance(document, list) or not document:
            raise RequirementError(pointer, "requirement_invalid", "must be a list with at least one requirement")
        return tuple(self.node(part, f"{pointer}/{i}", depth + 1) for i, part in enumerate(document))


def _count(number: Any, parts: int, pointer: str) -> int:
    if isinstance(number, bool) or not isinstance(number, int) or not 1 <= number <= parts:
        raise RequirementError(pointer, "requirement_invalid", f"must be a whole number from 1 to {parts}, the length of `of`")
    return number


def _certificate(document: Any, pointer: str) -> CertificateRequirement:
    keys = _object(document, pointer, _CERTIFICATE_KEYS)
    verified = keys.get("verified")
    if verified is not None and not isinstance(verified, bool):
        raise RequirementError(f"{pointer}/verified", "requirement_invalid", "must be true, false or null")
    covers = keys.get("covers")
    if covers is not None and not (isinstance(covers, list) and all(isinstance(name, str) for name in covers)):
        raise RequirementError(f"{pointer}/covers", "requirement_invalid", "must be a list of rating names")
    return CertificateRequirement(
        type=_name(keys, "type", pointer),
        min_level=_text(keys, "min_level", pointer),
        scope=_text(keys, "scope", pointer),
        verified=bool(verified),
        covers=tuple(covers or ()),
    )


def _training(document: Any, pointer: str) -> TrainingRequirement:
    keys = _object(document, pointer, _TRAINING_KEYS)
    days = keys.get("within_days")
    if days is not None and (isinstance(days, bool) or not isinstance(days, int) or not 0 <= days <= _MAX_DAYS):
        message = f"must be a whole number of days from 0 to {_MAX_DAYS}, or null for no limit"
        raise RequirementError(f"{pointer}/within_days", "requirement_invalid", message)
    return TrainingRequirement(
        course=_name(keys, "course", pointer),
        within_days=days,
        min_score=_number(keys, "min_score", pointer),
        min_hours=_number(keys, "min_hours", pointer),
        min_attendance=_number(keys, "min_attendance", pointer, most=1),
    )


def _object(document: Any, pointer: str, known: frozenset[str]) -> Mapping[str, Any]:
    if not isinstance(document, Mapping):
        raise RequirementError(pointer, "requirement_invalid", "must be an object")
    for key in document:
        if key not in known:
            raise RequirementError(
                f"{pointer}/{_escape(key)}", "unknown_field", f"unknown; known are {', '.join(sorted(known))}"
            )
    return document


def _name(keys: Mapping[str, Any], key: str, pointer: str) -> str:
    name = _text(keys, key, pointer)
    if name is None:
        raise RequirementError(f"{pointer}/{key}", "missing", "required; name what is asked for by its code")
    return name


def _text(keys: Mapping[str, Any], key: str, pointer: str) -> str | None:
    text = keys.get(key)
    if text is not None and not isinstance(text, str):
        raise RequirementError(f"{pointer}/{key}", "requirement_invalid", "must be a string")
    return text


def _number(keys: Mapping[str, Any], key: str, pointer: str, most: float | None = None) -> float | None:
    number = keys.get(key)
    if number is None:
        return None
    if isinstance(number, bool) or not isinstance(number, int | float) or not abs(number) <= _MAX_NUMBER:
        raise RequirementError(
            f"{pointer}/{key}", "requirement_invalid", f"must be a number between -{_MAX_NUMBER:.0e} and {_MAX_NUMBER:.0e}"
        )
    if most is not None and not 0 <= number <= most:
        raise RequirementError(f"{pointer}/{key}", "requirement_invalid", f"must lie between 0 and {most}")
    return number


def _escape(key: Any) -> str:
    return str(key).replace("~", "~0").replace("/", "~1")
