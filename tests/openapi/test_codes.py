"""The table of problem codes against the code that raises them."""

import re
from pathlib import Path

from qualsvc.http.codes import CODES
from tests.openapi.reading import DOCUMENT, operations

SOURCES = Path(__file__).parents[2] / "src" / "qualsvc"
RAISED = re.compile(
    r"""(?:Fault|FieldError|RequirementError)\(\s*(?:f?"[^"]*"|[\w.\[\]]+|_pointer\(.*?\)|of_person\(.*?\)),\s*"([a-z_]+)"
    |Problem\(\s*(?:\d+|HTTPStatus\.\w+),\s*"([a-z_]+)"
    |refuse\(\s*"([a-z_]+)"
    |_FaultError\(\s*"([a-z_]+)"
    |NotFreshError\(\s*"([a-z_]+)\"""",
    re.VERBOSE,
)


PUT_TOGETHER = {"rejected_by_requester", "rejected_by_beneficiary", "duplicate_position", "duplicate_code"}
"""Codes that stand nowhere as a whole: their parts do."""


def raised() -> set[str]:
    """Every code that stands where a problem or fault is made."""
    texts = [path.read_text(encoding="utf-8") for path in SOURCES.rglob("*.py") if "openapi" not in path.parts]
    return {code for text in texts for found in RAISED.findall(text) for code in found if code}


def test_every_code_that_is_raised_is_described() -> None:
    """A code nobody can look up is a riddle."""
    assert set() == raised() - CODES.keys()


def test_every_described_code_is_raised() -> None:
    """A code that nothing raises any more is not described either."""
    said = [path for path in SOURCES.rglob("*.py") if "openapi" not in path.parts and "described" not in path.stem]
    texts = [path.read_text(encoding="utf-8") for path in said if path.name not in ("codes.py", "declared.py")]
    assert set() == {code for code in CODES if not any(f'"{code}"' in text for text in texts)} - PUT_TOGETHER


def test_every_described_code_can_be_met() -> None:
    """Each code of the table is named by an operation, or comes before any operation is reached."""
    named = {
        code
        for operation in operations()
        for status in operation.told["responses"]
        for code in (operation.response(int(status)) or {}).get("x-problem-codes", [])
    }
    before = {"malformed_request", "head_too_large", "method_not_allowed", "not_found", "invalid_request"}
    assert set() == CODES.keys() - named - before
    assert set() == named - CODES.keys()
    assert set() == set(DOCUMENT["components"]["schemas"]["ProblemCode"]["x-extensible-enum"]) ^ CODES.keys()
