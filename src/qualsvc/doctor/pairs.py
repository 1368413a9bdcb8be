"""What the rules open: machines that nobody can operate, and pairs that more than one position opens."""

from collections import Counter

from qualsvc.doctor.findings import Finding, ok, several, warning
from qualsvc.kernel.coverage import Coverage
from qualsvc.kernel.snapshot import Snapshot
from qualsvc.records.faults import quote

_SHOWN = 5
_LISTED = "GET /v1/rules/coverage lists every pair"


def pair_findings(snapshot: Snapshot, instant: int) -> list[Finding]:
    """Machines in service that no grant in force at `instant` (microseconds) opens for any process."""
    machines = sum(machine.status == "in_service" for machine in snapshot.equipment.values())
    if not machines or not snapshot.processes:
        return [ok("pairs", "no machine is in service yet, or there is no process to use one for")]
    coverage = Coverage(snapshot, instant)
    for _ in coverage.reckon():
        pass
    uncovered = Counter(pair.equipment for pair in coverage.found("uncovered"))
    closed = [
        code
        for code, processes in uncovered.items()
        if processes == len(snapshot.processes) and snapshot.equipment[code].status == "in_service"
    ]
    if closed:
        named = ", ".join(quote(code) for code in closed[:_SHOWN]) + (", …" if len(closed) > _SHOWN else "")
        what = f"{several(len(closed), 'machine')} in service {'is' if len(closed) == 1 else 'are'} open to nobody"
        why = f"no grant in force covers {named} for any process: every answer is no (`no_grant`)"
        return [warning("pairs", what, why, f"write a grant, or set what is not used to `retired`; {_LISTED}")]
    covered = f"{coverage.pairs - coverage.uncovered:,} of {several(coverage.pairs, 'pair')} with a process are open"
    told = f"{several(machines, 'machine')} in service; {covered}, {coverage.several_positions:,} by more than one position"
    return [ok("pairs", told)]
