"""What was said of the chains, against what is there now: it finds altered rows over which a chain was made anew."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import asyncpg

from qualsvc.audit.evidence import Evidence
from qualsvc.audit.faults import Fault, Faults, links_missing, of_rows
from qualsvc.audit.statements import Statement
from qualsvc.audit.tombstones import GREATEST, Runs
from qualsvc.audit.trust import CONTRADICTED, said
from qualsvc.store.chain import genesis

_AT_ONCE = 5000
_HASHES = """
SELECT boot_id, sequence, decision.hash
FROM unnest($1::text[], $2::bigint[]) claimed (boot_id, sequence) JOIN decision USING (boot_id, sequence)
"""


@dataclass(frozen=True, slots=True)
class Claim:
    """`by` said that row `sequence` of the boot has this hash."""

    boot_id: str
    sequence: int
    hash: bytes
    by: str


def of_ties(evidence: Evidence) -> Iterator[Claim]:
    """What the links say of the ends of boots."""
    for tie in evidence.ties:
        yield Claim(tie.boot_id, tie.sequence, tie.hash, f"link {tie.n}")


def of_checkpoints(checkpoints: Iterable[Statement], faults: Faults) -> Iterator[Claim]:
    """What checkpoints say of the heads of boots."""
    for each in checkpoints:
        heads = said(each).get("heads", [])
        for head in heads if isinstance(heads, list) else [None]:
            claim = _claimed(head, _name(each))
            if claim is None:
                faults.add(Fault("checkpoint_unreadable", f"{_name(each)} says nothing readable of a boot"))
            else:
                yield claim


def check_words(checkpoints: Iterable[Statement], faults: Faults) -> None:
    """No checkpoint says that its signer remembered otherwise."""
    for each in checkpoints:
        if (told := said(each).get(CONTRADICTED)) is not None:
            faults.add(Fault("contradicted", f"{_name(each)}: whoever signed it found that {told}"))


def check_links(checkpoints: Iterable[Statement], evidence: Evidence, faults: Faults) -> None:
    """The links that checkpoints saw are still there, and the same."""
    links = {tie.n: tie.link.hex() for tie in evidence.ties}
    last = max(links, default=0)
    for each in sorted(checkpoints, key=lambda each: each.n):
        seen: Any = said(each).get("link")
        if not isinstance(seen, dict):
            continue
        n = seen.get("n", 0)
        if not isinstance(n, int):
            faults.add(Fault("checkpoint_unreadable", f"{_name(each)} says nothing readable of a link"))
            continue
        if links.get(n) == seen.get("link"):
            continue
        if n > last:
            faults.add(links_missing(last + 1, n, f"; {_name(each)} saw link {n}"))
        else:
            text = f"link {n} between boots is not as {_name(each)} saw it: it was altered, or one before it was"
            faults.add(Fault("link_edited", text))
        return


async def check_heads(
    connection: asyncpg.Connection,
    claims: Iterable[Claim],
    evidence: Evidence,
    runs: Runs,
    lost: Iterable[tuple[str, int, int]],
    faults: Faults,
) -> None:
    """Every row that was claimed is there with its hash, or was given up. `lost` are the gaps that the log tells of.

    INVARIANT: no genuine gap covers a row that was claimed: it stands for records that never were in the table.
    """
    told: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for fault in faults.listed:
        if fault.kind == "missing" and fault.boot is not None and fault.first is not None and fault.last is not None:
            told[fault.boot].append((fault.first, fault.last))
    gaps: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for boot_id, first, last in lost:
        gaps[boot_id].append((first, last))
    by_boot: dict[str, list[tuple[Claim, set[bytes]]]] = defaultdict(list)
    rest = iter({(claim.boot_id, claim.sequence, claim.hash): claim for claim in reversed(list(claims))}.values())
    while some := list(islice(rest, _AT_ONCE)):
        there = await _hashes(connection, some)
        for claim in some:
            by_boot[claim.boot_id].append((claim, there[claim.boot_id, claim.sequence]))
    for boot_id, found in sorted(by_boot.items()):
        given_up = list(runs.get(boot_id, {}).values())
        end = max([evidence.extents.get(boot_id, (0, -1))[1], *(run.sequence for run in given_up)])
        found.sort(key=lambda one: one[0].sequence)
        _check_boot(boot_id, found, end, runs, told[boot_id], faults)
        gone = [claim for claim, hashes in found if not hashes and claim.sequence <= end]
        known = [(run.start, run.sequence) for run in given_up] + told[boot_id]
        _check_gone(boot_id, [claim for claim in gone if not _within(known, claim)], gaps[boot_id], faults)


async def contradicted(connection: asyncpg.Connection, claims: Iterable[Claim]) -> list[Claim]:
    """Those of these claims that no row there is bears out."""
    found: list[Claim] = []
    rest = iter(claims)
    while some := list(islice(rest, _AT_ONCE)):
        there = await _hashes(connection, some)
        found += [claim for claim in some if claim.hash not in there[claim.boot_id, claim.sequence]]
    return found


def _check_boot(
    boot_id: str,
    found: Sequence[tuple[Claim, set[bytes]]],
    end: int,
    runs: Runs,
    told: Sequence[tuple[int, int]],
    faults: Faults,
) -> None:
    good = -1
    for claim, hashes in found:
        hashes |= {run.hash for run in runs.get(boot_id, {}).values() if run.sequence == claim.sequence}
        if claim.sequence == -1:
            hashes.add(genesis(boot_id))
        if claim.hash in hashes:
            good = claim.sequence
        elif hashes:
            first = min(good + 1, claim.sequence)
            others = f", or one from row {first} on was and the hashes after it made anew" if first < claim.sequence else ""
            text = f"boot {boot_id}: row {claim.sequence} is not as {claim.by} saw it: it was altered{others}"
            faults.add(Fault("rewritten", text, boot_id, first, claim.sequence, claim.sequence - first + 1))
            break
    beyond = [claim for claim, _ in found if claim.sequence > end]
    if beyond and not any(last >= beyond[-1].sequence for _, last in told):
        last = beyond[-1]
        faults.add(of_rows("missing", boot_id, end + 1, last.sequence, "", f"{last.by} saw row {last.sequence}"))


def _check_gone(boot_id: str, gone: Sequence[Claim], gaps: Sequence[tuple[int, int]], faults: Faults) -> None:
    """Rows that were seen, and are neither there nor given up."""
    seen: dict[tuple[int, int], Claim] = {}
    for claim in gone:
        gap = next(((first, last) for first, last in gaps if first <= claim.sequence <= last), None)
        seen[gap or (claim.sequence, claim.sequence)] = claim  # of several in one gap the last
    for (first, last), claim in seen.items():
        why = f"{claim.by} saw row {claim.sequence}"
        if first < last:
            why += f", and a row `gap` says that records {first} to {last} were lost before they were kept: it was forged"
        faults.add(of_rows("missing", boot_id, first, claim.sequence, "", why))


def _within(ranges: Iterable[tuple[int, int]], claim: Claim) -> bool:
    return any(first <= claim.sequence <= last for first, last in ranges)


def _claimed(head: Any, by: str) -> Claim | None:
    """What a checkpoint says of one boot; None where no boot could be so."""
    try:
        boot_id, sequence, digest = head
        name = boot_id.encode()
        claim = Claim(boot_id, int(sequence), bytes.fromhex(digest), by)
    except (ValueError, TypeError, AttributeError, ArithmeticError):
        return None
    return claim if b"\0" not in name and -1 <= claim.sequence <= GREATEST else None


async def _hashes(connection: asyncpg.Connection, claims: Sequence[Claim]) -> dict[tuple[str, int], set[bytes]]:
    found: dict[tuple[str, int], set[bytes]] = defaultdict(set)
    rows = await connection.fetch(_HASHES, [claim.boot_id for claim in claims], [claim.sequence for claim in claims])
    for boot_id, sequence, digest in rows:
        found[boot_id, sequence].add(digest)
    return found


def _name(checkpoint: Statement) -> str:
    return f"checkpoint {checkpoint.n} of {checkpoint.at}"
