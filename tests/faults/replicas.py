"""Whether replicas hold what the database holds."""

from tests.cli.commands import PATIENCE_S
from tests.faults.asking import Line
from tests.faults.hosts import until
from tests.serving import QUESTION, TRAINEE

_QUESTIONS = (QUESTION, TRAINEE, QUESTION | {"person": "E3"})
_OF_THE_MOMENT = ("at", "asked_at", "recheck_by", "decision_id")


def checksum_equal(*bases: str) -> bool:
    """Whether those who answer there hold the same facts, at the head revision."""
    seen = []
    for base in bases:
        with Line(base) as line:
            try:
                state, answers = line.exchange("GET", "/readyz"), line.batch(_QUESTIONS)
            except OSError:
                return False
        if (200, 200) != (state.status, answers.status) or state.document["lag"]:
            return False
        told = [
            {name: value for name, value in one.items() if name not in _OF_THE_MOMENT} for one in answers.document["decisions"]
        ]
        seen.append((state.document["revision"], told))
    return all(each == seen[0] for each in seen)


def until_equal(*bases: str, patience_s: float = PATIENCE_S) -> float:
    """Wait for that; the seconds it took."""
    return until(lambda: checksum_equal(*bases), patience_s, pause_s=0.02)
