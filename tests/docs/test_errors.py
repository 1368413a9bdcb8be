"""docs/errors.md has every error code the service can answer with, and none that it cannot."""

import ast
import re
from collections.abc import Iterator
from functools import cache

import pytest

from qualsvc.http.codes import CODES
from tests.docs.pages import DOCS, ROOT, sections

PAGE = DOCS / "errors.md"
SOURCE = ROOT / "src" / "qualsvc"
# Where a code stands among the arguments of what we refuse with.
PLACES = {
    "Problem": 1,
    "Fault": 1,
    "FieldError": 1,
    "RequirementError": 1,
    "NotFreshError": 0,
    "_FaultError": 0,
    "refuse": 0,
}


def codes_in(tree: ast.AST) -> Iterator[str]:
    """The codes written out in a module, as regular expressions: one put together from parts stands for several."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            place = PLACES.get(name)
            if place is None:
                continue
            if len(node.args) > place:
                yield from pattern(node.args[place])
            yield from (each for keyword in node.keywords if keyword.arg == "code" for each in pattern(keyword.value))


def pattern(node: ast.expr) -> Iterator[str]:
    """What a code can be; nothing for one that is only handed on."""
    match node:
        case ast.Constant(value=str(text)) if re.fullmatch(r"[a-z_]+", text):
            yield text
        case ast.JoinedStr(values=parts):
            yield "".join(str(part.value) if isinstance(part, ast.Constant) else "[a-z]+" for part in parts)
        case ast.IfExp(body=yes, orelse=no):
            yield from pattern(yes)
            yield from pattern(no)


@cache
def used() -> frozenset[str]:
    """Every code found in the source, but for what is said of the log to an auditor."""
    paths = [path for path in SOURCE.rglob("*.py") if path.parent != SOURCE / "audit"]
    modules = [ast.parse(path.read_text(encoding="utf-8")) for path in paths]
    return frozenset(code for module in modules for code in codes_in(module))


@cache
def documented() -> dict[str, tuple[frozenset[int], str, str]]:
    """Per code of the page: statuses, cause, remedy. A code that stands in several tables has the statuses of all."""
    found: dict[str, tuple[frozenset[int], str, str]] = {}
    for row in (row for part in sections(PAGE) for row in part.rows() if len(row) == 4):
        statuses = frozenset(int(status) for status in re.findall(r"\d{3}", row[0]))
        for code in re.findall(r"`(\w+)`", row[1]):
            earlier = found.get(code, (frozenset(), "", ""))[0]
            found[code] = (statuses | earlier, row[2], row[3])
    return found


def test_the_search_finds_codes() -> None:
    """Codes of each sort of refusal are found: written out, put together, of the ask path and of the registry."""
    expected = {"unauthorized", "bad_instant", "unknown_reference", "requirement_invalid", "stale", "waiver_settled"}
    assert expected <= used()
    assert "[a-z]+_by_requester" in used()
    assert 60 <= len(used())


@pytest.mark.parametrize("code", sorted(used()))
def test_every_code_in_the_source_is_documented(code: str) -> None:
    """What the source can refuse with is on the page."""
    assert [] != [known for known in documented() if re.fullmatch(code, known)]


def test_every_declared_code_is_documented() -> None:
    """The page and the table of codes name the same codes."""
    assert sorted(CODES) == sorted(documented())


@pytest.mark.parametrize("code", sorted(CODES))
def test_statuses(code: str) -> None:
    """The page says the statuses that the table of codes says."""
    assert set(CODES[code].statuses) == documented()[code][0]


def test_each_has_cause_and_remedy() -> None:
    """Nobody is left with a code alone."""
    assert [] == [code for code, (_, cause, remedy) in documented().items() if not cause or not remedy]
