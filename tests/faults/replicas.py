"""Whether replicas hold what the database holds."""

from tests.cli.commands import PATIENCE_S
from tests.faults.asking import Line
from tests.faults.evidence import decisions
from tests.faults.hosts import until


def checksum_equal(*bases: str, processes: int = 0) -> bool:
    """Whether those who answer there are fresh, at the head revision, and hold what the ledger has, by their checksums.

    So must be everybody else who may answer now; of all of them there are `processes`, if that many are told.
    """
    for base in bases:
        with Line(base) as line:
            try:
                answer, listed = line.ask(), line.exchange("GET", "/v1/replicas")
            except OSError:
                return False
        if (200, 200) != (answer.status, listed.status):
            return False
        items = {item["replica"]: item for item in listed.document["items"] if item["fresh"]}
        (given,) = decisions([answer])
        if given.boot not in items or (processes and len(items) != processes):
            return False
        if any(item["lag"] or not item["agrees"] for item in items.values()):
            return False
    return True


def until_equal(*bases: str, processes: int = 0, patience_s: float = PATIENCE_S) -> float:
    """Wait for that; the seconds it took."""
    return until(lambda: checksum_equal(*bases, processes=processes), patience_s, pause_s=0.02)
