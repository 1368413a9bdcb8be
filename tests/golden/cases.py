"""Reading the golden cases, and holding an answer against one.

`base.yaml` is a plant: kind -> code -> fields. Every other YAML file here is a list of cases:

    case: a sentence
    change: {kind: {code: {field: value}}}   # fields put into the record of the base, or a new record; null removes it
    ask: {field: value}                      # over QUESTION below
    answer: {decision, obligations, valid_until, worst_from}   # what is left out is empty
    reasons: [{code, rule, certificate, since, …}]   # all of them, in order; of each the fields that tell
    writable: false   # where the service refuses to write such a plant at once, though one can come about

Fields that a record leaves out get the defaults of the contract; required ones that no decision depends on are filled in.
Fields of ours beyond the contract are there only where they are told.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from qualsvc.records.kinds import KINDS

Document = dict[str, Any]
Documents = dict[str, dict[str, Document]]

_HERE = Path(__file__).parent
_CONTRACT = _HERE.parent / "contract" / "contract.json"
QUESTION: Mapping[str, Any] = {
    "person": "LI",
    "equipment": "FORK-07",
    "process": "LOADING",
    "at": "2026-11-21T04:00:00Z",  # noon in Ningbo
}
_REQUIRED_BUT_TELLING_NOTHING = {"name": "–", "reason": "golden case", "risk": "medium"}


class _Reader(yaml.SafeLoader):
    """Dates and instants stay text: the contract's documents hold them so."""


_Reader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


@dataclass(frozen=True)
class Case:
    """One case. `plant` holds whole documents, ready to be written."""

    name: str
    theme: str
    """The file it stands in."""
    plant: Documents
    question: Document
    answer: Document
    reasons: tuple[Document, ...]
    writable: bool

    def __str__(self) -> str:
        return self.name


def read_yaml(path: Path) -> Any:
    """A YAML file with its dates and instants as text."""
    with path.open(encoding="utf-8") as file:
        return yaml.load(file, _Reader)


@cache
def contract() -> dict[str, Document]:
    """Kind -> what the contract says of it."""
    kinds: dict[str, Document] = json.loads(_CONTRACT.read_text(encoding="utf-8"))["kinds"]
    return kinds


def filled(kind: str, code: str, fields: Mapping[str, Any]) -> Document:
    """The whole document of a record of which only some fields are told."""
    document: Document = {}
    known = contract()[kind]["fields"]
    ours = {name: deepcopy(value) for name, value in fields.items() if name in KINDS[kind].optional}
    unknown = set(fields) - set(known) - set(ours)
    assert not unknown, f"{kind} `{code}` has fields that neither the contract nor we know: {unknown}"
    for name, field in known.items():
        if name == "code":
            document[name] = code
        elif name in fields:
            document[name] = deepcopy(fields[name])
        elif field.get("required"):
            document[name] = _REQUIRED_BUT_TELLING_NOTHING[name]
        else:
            document[name] = deepcopy(field["default"])
    return document | ours


@cache
def all_cases() -> tuple[Case, ...]:
    """Every case of every file, in the order of files and within them."""
    base = read_yaml(_HERE / "base.yaml")
    paths = sorted(path for path in _HERE.glob("*.yaml") if path.name != "base.yaml")
    return tuple(_case(base, path.stem, told) for path in paths for told in read_yaml(path))


def themes() -> list[str]:
    """The files there are."""
    return sorted({case.theme for case in all_cases()})


def writable_cases(theme: str) -> list[Case]:
    """The cases of a file whose plants the service agrees to write."""
    return [case for case in all_cases() if case.theme == theme and case.writable]


def _case(base: Mapping[str, Any], theme: str, told: Document) -> Case:
    unknown = set(told) - {"case", "change", "ask", "answer", "reasons", "writable"}
    assert not unknown, f"case `{told['case']}` has unknown parts {unknown}"
    plant = {kind: {code: dict(fields or {}) for code, fields in records.items()} for kind, records in base.items()}
    for kind, records in told.get("change", {}).items():
        for code, fields in records.items():
            if fields is None:
                del plant[kind][code]
            else:
                plant.setdefault(kind, {}).setdefault(code, {}).update(fields)
    documents = {
        kind: {code: filled(kind, code, fields) for code, fields in plant.get(kind, {}).items()} for kind in contract()
    }
    ask = {**QUESTION, **told.get("ask", {})}
    if "badge" in ask:
        del ask["person"]
    answer = {"obligations": [], "valid_until": None, "worst_from": None, **told["answer"]}
    reasons = tuple(_reason(reason) for reason in told.get("reasons", []))
    return Case(told["case"], theme, documents, ask, answer, reasons, told.get("writable", True))


def _reason(told: Any) -> Document:
    reason: Document = {"code": told} if isinstance(told, str) else dict(told)
    if "causes" in reason:
        reason["causes"] = [_reason(cause) for cause in reason["causes"]]
    return reason


def bulk_lines(plant: Documents, before: Documents | None = None) -> Iterator[Document]:
    """The lines of a bulk request that make this plant of the one before, or of nothing."""
    for kind, records in (before or {}).items():
        for code in records:
            if code not in plant[kind]:
                yield {"kind": kind, "code": code, "op": "delete"}
    for kind, records in plant.items():
        for document in records.values():
            yield {"kind": kind, **document}


def told_of(reasons: Sequence[Document], found: Sequence[Document], *, unseen: frozenset[str] = frozenset()) -> list[Document]:
    """The reasons found, each cut down to the fields the case tells at its place; `unseen` ones are taken as told.

    Equal to the told reasons exactly when the case is met.
    """
    cut: list[Document] = []
    for number, reason in enumerate(found):
        told = reasons[number] if number < len(reasons) else {"code": None}
        one = {name: told[name] if name in unseen else reason.get(name) for name in told}
        if "causes" in told:
            one["causes"] = told_of(told["causes"] or [], reason.get("causes") or [], unseen=unseen)
        cut.append(one)
    return cut
