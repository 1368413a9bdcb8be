"""The codes of reasons as the document lists them: what each means and what would fix it, in the words of the answers."""

from typing import Any, get_args

from qualsvc.kernel.messages import wording
from qualsvc.kernel.reasons import Reason, ReasonCode

REMARKS = frozenset({"supervision_given", "confirmation_given", "waived", "monitored", "expiring_soon", "recommended_missing"})
"""What is worth knowing of an answer and does not stand in its way."""

_FILLED = {
    name: f"`{name}`"
    for name in (
        "rule",
        "requirement",
        "certificate",
        "training_record",
        "position",
        "company",
        "restriction",
        "waiver",
        "subject",
    )
}


def reason_code_schema() -> dict[str, Any]:
    """The enumeration, each code with what it means."""
    told = {code: _told(code) for code in get_args(ReasonCode)}
    table = "\n".join(f"| `{code}` | {text} |" for code, text in told.items())
    return {
        "type": "string",
        "enum": list(told),
        "description": "What stands in the way, in the order an answer lists it: what is hardest to lift first, remarks last. "
        f"Stable: more may be added, none changes its meaning.\n\n| code | meaning; what would fix it |\n|---|---|\n{table}",
        "x-enum-descriptions": told,
        "examples": ["certificate_expired"],
    }


def _told(code: ReasonCode) -> str:
    said = wording(Reason(code=code, detail="…", **_FILLED), "en")  # type: ignore[arg-type]  # each is a text
    remark = "remark: " if code in REMARKS else ""
    return f"{remark}{said.message}; {said.remedy}"
