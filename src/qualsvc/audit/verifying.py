"""Verifying the whole log: rows, boots, links between boots, statements, witnesses."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from time import monotonic

import asyncpg  # type: ignore[import-untyped]

from qualsvc.audit import claims, tombstones
from qualsvc.audit.closely import neighbours
from qualsvc.audit.diagnosis import diagnosed
from qualsvc.audit.evidence import Evidence, gathered
from qualsvc.audit.faults import Fault, Faults, of_boot, of_rows
from qualsvc.audit.lines import reader
from qualsvc.audit.scan import NEXT, PROCESSES, scan, spans
from qualsvc.audit.statements import Statement
from qualsvc.audit.ties import check_ties
from qualsvc.audit.trust import believed, check_order, check_witnessed, trusted_keys
from qualsvc.audit.walk import CLOSELY, Place, Walked, stepped_over
from qualsvc.store.chain import genesis
from qualsvc.store.engine import close

Progress = Callable[[int, int], None]
"""Told rows seen so far, and about how many there are."""

_LAST = "SELECT hash FROM decision WHERE boot_id = $1 AND sequence = $2 ORDER BY logged_at DESC LIMIT 1"
_FOREVER = 2**63
_NEGATIVE = "SELECT min(sequence), max(sequence) FROM decision WHERE boot_id = $1 AND sequence < 0"


@dataclass(frozen=True, slots=True)
class Witnessed:
    """What one witness has of what it was told; `unreadable` are numbers of lines."""

    name: str
    statements: Sequence[Statement]
    unreadable: Sequence[int] = ()


@dataclass(slots=True)
class Verdict:
    """What was looked at, and what was found. `lost` are records that the log itself says were lost before it had them."""

    faults: Faults = field(default_factory=Faults)
    warnings: list[str] = field(default_factory=list)
    lost: list[tuple[str, int, int]] = field(default_factory=list)
    rows: int = 0
    boots: int = 0
    months: int = 0
    checkpoints: int = 0
    tombstones: int = 0
    given_up: int = 0
    since: datetime | None = None
    until: datetime | None = None
    seconds: float = 0.0

    @property
    def is_sound(self) -> bool:
        """Whether nothing is at fault."""
        return not self.faults


async def verify(
    url: str,
    keys: Sequence[str] = (),
    witnesses: Sequence[Witnessed] = (),
    progress: Progress = lambda seen, of: None,  # noqa: ARG005
    processes: int = PROCESSES,
) -> Verdict:
    """Verify one state of the log. `keys`: public ones that are trusted; without any, only that each signature is of its key.

    Raises what the database raises.
    """
    began = monotonic()
    connection = await reader(url)
    try:
        evidence = await gathered(connection)
        verdict = Verdict(boots=len(evidence.boots), months=evidence.months, checkpoints=len(evidence.checkpoints))
        verdict.since, verdict.until, verdict.tombstones = evidence.since, evidence.until, len(evidence.tombstones)
        checkpoints, runs = _statements(evidence, keys, witnesses, verdict)
        verdict.given_up = sum(run.sequence - run.start + 1 for of in runs.values() for run in of.values())
        check_ties(evidence, verdict.faults)
        await _check_rows(connection, url, evidence, runs, verdict, progress, processes)
        claims.check_links(checkpoints, evidence, verdict.faults)
        said = [*claims.of_ties(evidence), *claims.of_checkpoints(checkpoints, verdict.faults)]
        await claims.check_heads(connection, said, evidence, runs, verdict.faults)
    finally:
        await close(connection)
    verdict.seconds = monotonic() - began
    return verdict


def _statements(
    evidence: Evidence, keys: Sequence[str], witnesses: Sequence[Witnessed], verdict: Verdict
) -> tuple[list[Statement], tombstones.Runs]:
    """The checkpoints, of table and witnesses, and the runs given up, that are to be believed."""
    faults = verdict.faults
    told = [each for witness in witnesses for each in witness.statements]
    trusted = trusted_keys(keys, [*evidence.statements, *told]) if keys else None
    if trusted is None and (evidence.statements or told):
        names = ", ".join(sorted({each.key for each in (*evidence.statements, *told)}))
        verdict.warnings.append(
            f"no key is known to trust: whoever could write here could have signed; these did: {names}. Give --public-key"
        )
    check_order("checkpoint", evidence.checkpoints, faults)
    check_order("tombstone", evidence.tombstones, faults)
    checkpoints = believed(evidence.checkpoints, trusted, faults)
    kept = set(evidence.statements)
    for witness in witnesses:
        heard = believed(witness.statements, trusted, faults, f"{witness.name}: ")
        late = check_witnessed(heard, evidence.statements, faults)
        checkpoints += [each for each in heard if each.kind == "checkpoint" and each not in kept]
        if late:
            verdict.warnings.append(f"{witness.name}: {late} of {len(kept)} statements kept here are not told there")
        if witness.unreadable:
            lines = ", ".join(map(str, witness.unreadable))
            verdict.warnings.append(f"{witness.name}: lines that cannot be read: {lines}")
    if not evidence.checkpoints and evidence.extents:
        verdict.warnings.append("there is no checkpoint: a chain that was made anew from some row on would not be noticed")
    runs: tombstones.Runs = {}
    for each in believed(evidence.tombstones, trusted, faults):
        try:
            for boot_id, of in tombstones.runs([each]).items():
                runs.setdefault(boot_id, {}).update(of)
        except (ValueError, KeyError, TypeError):
            faults.add(Fault("tombstone_unreadable", f"tombstone {each.n} does not say which rows were given up"))
    return checkpoints, runs


async def _check_rows(
    connection: asyncpg.Connection,
    url: str,
    evidence: Evidence,
    runs: tombstones.Runs,
    verdict: Verdict,
    progress: Progress,
    processes: int,
) -> None:
    places: dict[str, list[Place]] = defaultdict(list)
    expected = sum(last + 1 for _, last in evidence.extents.values())

    def seen(boot_id: str, walked: Walked) -> None:
        verdict.rows += walked.rows
        verdict.lost += [(boot_id, first, last) for first, last in walked.lost.kept]
        places[boot_id] += walked.places
        verdict.faults.add(*(of_rows("missing", boot_id, first, last, "") for first, last in walked.missing.kept))
        verdict.faults.add(*(of_rows("edited", boot_id, first, last, "edited") for first, last in walked.wrong.kept))
        if more := walked.missing.left_out + walked.wrong.left_out:
            verdict.faults.add(of_boot("more", boot_id, f"{more} rows more are missing or edited"))
        progress(verdict.rows, max(expected, verdict.rows))

    wanted = [
        span
        for boot_id, (_, last) in evidence.extents.items()
        for span in await spans(connection, boot_id, last, runs.get(boot_id, {}))
    ]
    await scan(url, await connection.fetchval("SELECT pg_export_snapshot()"), wanted, processes, seen)
    for boot_id in evidence.boots:
        await _diagnose(connection, boot_id, evidence, runs, places[boot_id], verdict.faults)


async def _diagnose(
    connection: asyncpg.Connection, boot_id: str, evidence: Evidence, runs: tombstones.Runs, places: list[Place], faults: Faults
) -> None:
    record, given_up = evidence.records.get(boot_id), runs.get(boot_id, {})
    first, last = evidence.extents.get(boot_id, (0, -1))
    if first < 0:
        low, high = await connection.fetchrow(_NEGATIVE, boot_id)
        faults.add(of_rows("inserted", boot_id, low, high, "inserted: rows are numbered from 0"))
        last = max(last, -1)
    digest = genesis(boot_id) if last < 0 else await connection.fetchval(_LAST, boot_id, last)
    end = stepped_over(given_up, last, digest)
    beyond = _FOREVER
    if record is not None and end != (record.sequence, record.hash):
        if end[0] - record.sequence <= CLOSELY:
            places.append(Place(end[0], end[0], min(end[0], record.sequence)))
        else:  # too many to be tried one by one
            beyond = await connection.fetchval(NEXT, boot_id, record.sequence + 1)
            why = f"its record ends at row {record.sequence}, unless that was edited"
            faults.add(of_rows("inserted", boot_id, beyond, end[0], "inserted", why))
    if places:
        groups = await neighbours(connection, boot_id, places, list(given_up.values()), record, end[0])
        found = diagnosed(boot_id, groups)
        faults.add(*(fault for fault in found if fault.kind != "inserted" or (fault.first or 0) < beyond))
