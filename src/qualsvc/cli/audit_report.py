"""What `qualsvc audit verify` says, to people and to programs."""

from dataclasses import asdict
from datetime import datetime
from time import monotonic
from typing import Any

from qualsvc.audit.verdict import Verdict
from qualsvc.cli.failure import say
from qualsvc.doctor.findings import several
from qualsvc.kernel.instants import format_instant, parse_instant

_EVERY_S = 5.0
_SHOWN = 100
"""Faults that are printed; of more, how many of each kind."""


class Progressing:
    """Says every few seconds how far it is."""

    def __init__(self) -> None:
        self._began = self._said = monotonic()

    def __call__(self, seen: int, of: int) -> None:
        """`seen` rows of about `of` are verified."""
        now = monotonic()
        if now - self._said >= _EVERY_S:
            self._said = now
            say(f"  {seen:,} of {of:,} rows, {seen / (now - self._began):,.0f} a second")


def summary(verdict: Verdict) -> str:
    """For people."""
    lines = [f"warning: {each}" for each in verdict.warnings]
    lines += [f"lost before it was kept: {_rows(*each)}" for each in verdict.lost]
    listed = verdict.faults.listed[:_SHOWN]
    lines += [f"fault: {fault.text}" for fault in listed]
    if (more := verdict.faults.counts.total() - len(listed)) > 0:
        counted = ", ".join(f"{number} {kind}" for kind, number in sorted(verdict.faults.counts.items()))
        lines.append(f"and {more:,} more; in all: {counted}")
    looked_at = (several(verdict.rows, "row"), several(verdict.boots, "boot"), several(verdict.months, "month"))
    lines.append(f"{looked_at[0]} of {looked_at[1]} in {looked_at[2]}; {several(verdict.checkpoints, 'checkpoint')}")
    if verdict.given_up:
        lines.append(f"{several(verdict.given_up, 'row')} given up, by {several(verdict.tombstones, 'tombstone')}")
    if verdict.incidents:
        lines.append(f"evidence of {several(verdict.incidents, 'incident')}")
    if verdict.since and verdict.until:
        lines.append(f"logged from {_instant(verdict.since)} to {_instant(verdict.until)}")
    lines.append(f"verified in {verdict.seconds:.1f} s, {verdict.rows / verdict.seconds:,.0f} rows a second")
    faults = several(verdict.faults.counts.total(), "fault")
    sound = "there is nothing in the log" if verdict.is_empty else "the log is sound"
    lines.append(sound if verdict.is_sound else f"the log is NOT sound: {faults}")
    return "\n".join(lines)


def as_document(verdict: Verdict) -> dict[str, Any]:
    """For programs."""
    return {
        "sound": verdict.is_sound,
        "empty": verdict.is_empty,
        "faults": [asdict(fault) for fault in verdict.faults.listed],
        "fault_counts": dict(verdict.faults.counts),
        "warnings": verdict.warnings,
        "lost": [{"boot": boot_id, "first": first, "last": last} for boot_id, first, last in verdict.lost],
        "rows": verdict.rows,
        "boots": verdict.boots,
        "months": verdict.months,
        "checkpoints": verdict.checkpoints,
        "tombstones": verdict.tombstones,
        "given_up": verdict.given_up,
        "incidents": verdict.incidents,
        "since": _instant(verdict.since),
        "until": _instant(verdict.until),
        "seconds": round(verdict.seconds, 3),
    }


def _rows(boot_id: str, first: int, last: int) -> str:
    return f"boot {boot_id}: " + (f"record {first}" if first == last else f"records {first} to {last}")


def _instant(moment: datetime | None) -> str | None:
    return None if moment is None else format_instant(parse_instant(moment.isoformat()))
