"""Verifying the whole log: rows, boots, links between boots, statements, witnesses."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from time import monotonic

from qualsvc.audit import claims
from qualsvc.audit.copies import check_copies
from qualsvc.audit.evidence import Evidence, gathered
from qualsvc.audit.faults import Fault
from qualsvc.audit.incidents import check_incidents
from qualsvc.audit.lines import reader
from qualsvc.audit.rows import check_rows
from qualsvc.audit.scan import PROCESSES
from qualsvc.audit.statements import Statement
from qualsvc.audit.ties import check_ties
from qualsvc.audit.tombstones import Runs, runs_told
from qualsvc.audit.trust import believed, check_order, check_told, check_witnessed, trusted_keys
from qualsvc.audit.verdict import Progress, Verdict, Witnessed
from qualsvc.store.engine import close

_UNSIGNED = timedelta(hours=1)


async def verify(
    url: str,
    keys: Sequence[str] = (),
    witnesses: Sequence[Witnessed] = (),
    progress: Progress = lambda seen, of: None,  # noqa: ARG005 -- nobody watches
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
        verdict.is_empty = evidence.is_empty
        if verdict.is_empty:
            verdict.warnings.append("there is nothing in the log: where a service ever answered, all of it was deleted")
        trusted = _trusted(evidence, keys, witnesses, verdict)
        checkpoints, runs = _statements(evidence, trusted, witnesses, verdict)
        verdict.given_up = sum(run.sequence - run.start + 1 for of in runs.values() for run in of.values())
        check_ties(evidence, trusted, verdict.faults)
        await check_rows(connection, url, evidence, runs, verdict, progress, processes)
        claims.check_words(checkpoints, verdict.faults)
        claims.check_links(checkpoints, evidence, verdict.faults)
        said = [*claims.of_ties(evidence), *claims.of_checkpoints(checkpoints, verdict.faults)]
        await claims.check_heads(connection, said, evidence, runs, verdict.lost, verdict.faults)
        verdict.incidents, young = await check_incidents(connection, checkpoints, verdict.faults)
        verdict.warnings += young
        await check_copies(connection, runs, verdict.faults)
    finally:
        await close(connection)
    verdict.seconds = monotonic() - began
    return verdict


def _trusted(
    evidence: Evidence, keys: Sequence[str], witnesses: Sequence[Witnessed], verdict: Verdict
) -> frozenset[str] | None:
    """The keys given, and those they hand over to; None where there are none, which is said."""
    told = [*evidence.statements, *(each for witness in witnesses for each in witness.statements)]
    if keys:
        return trusted_keys(keys, told)
    names = ", ".join(sorted({*(each.key for each in told), *(tie.key for tie in evidence.ties)}))
    if names:
        verdict.warnings.append(
            f"no key is known to trust: whoever could write here could have signed; these did: {names}. Give --public-key"
        )
    return None


def _statements(
    evidence: Evidence, trusted: frozenset[str] | None, witnesses: Sequence[Witnessed], verdict: Verdict
) -> tuple[list[Statement], Runs]:
    """The checkpoints, of table and witnesses, and the runs given up, that are to be believed."""
    faults = verdict.faults
    check_order("checkpoint", evidence.checkpoints, faults)
    check_order("tombstone", evidence.tombstones, faults)
    checkpoints, tombstones = (believed(of, trusted, faults) for of in (evidence.checkpoints, evidence.tombstones))
    verdict.warnings += _unsigned(evidence, checkpoints)
    kept = set(evidence.statements)
    everywhere: set[tuple[str, int]] = set()
    for witness in witnesses:
        # One that is kept here too is a fault once.
        elsewhere = believed([each for each in witness.statements if each not in kept], trusted, faults, f"{witness.name}: ")
        good = {*checkpoints, *tombstones, *elsewhere}
        heard = [each for each in witness.statements if each in good]
        told_of = check_witnessed(heard, evidence.statements, faults)
        told_of |= {(each.kind, each.n) for each in witness.statements if each in kept}  # be it believed or not
        checkpoints += [each for each in heard if each.kind == "checkpoint" and each not in kept]
        if witness.is_whole:
            everywhere |= told_of
            if late := len(kept) - len(told_of):
                verdict.warnings.append(f"{witness.name}: {late} of {len(kept)} statements kept here are not told there")
        if witness.unreadable:
            lines = ", ".join(map(str, witness.unreadable))
            verdict.warnings.append(f"{witness.name}: lines that cannot be read: {lines}")
    if any(witness.is_whole for witness in witnesses):
        check_told(everywhere, evidence.statements, evidence.now, faults)
    runs: Runs = {}
    for each in tombstones:
        try:
            for boot_id, of in runs_told([each]).items():
                runs.setdefault(boot_id, {}).update(of)
        except ValueError as error:
            faults.add(Fault("tombstone_unreadable", f"tombstone {each.n} does not say which rows were given up: {error}"))
    return checkpoints, runs


def _unsigned(evidence: Evidence, checkpoints: Sequence[Statement]) -> list[str]:
    """How much of the log no checkpoint binds, if that is more than the time between two of them."""
    if evidence.until is None:
        return []
    if not checkpoints:
        which = "no checkpoint by a trusted key" if evidence.checkpoints else "no checkpoint"
        return [f"there is {which}: a chain that was made anew from some row on would not be noticed, nor an incident altered"]
    last = checkpoints[-1]
    with suppress(ValueError, TypeError, OverflowError):  # signed as it is, and no time: no service says so
        if evidence.until - datetime.fromisoformat(last.at) <= _UNSIGNED:
            return []
    return [f"the last checkpoint is of {last.at}: were the chain made anew over rows since then, it would not be noticed"]
