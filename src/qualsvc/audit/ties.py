"""The chain over all boots: its links follow on one another, and every boot is tied in as its own record says."""

from collections import defaultdict

from qualsvc.audit.evidence import Evidence, Tie
from qualsvc.audit.faults import Fault, Faults, links_missing, of_boot, of_key, of_rows
from qualsvc.audit.signing import is_signed
from qualsvc.store.chain import genesis
from qualsvc.store.decision_log import FIRST_LINK, Event, link_of, signed_text


def check_ties(evidence: Evidence, trusted: frozenset[str] | None, faults: Faults) -> None:
    """Put down what is wrong with links, and with boots as a whole. `trusted` None: any key will do."""
    n, before = 0, FIRST_LINK
    strange = defaultdict[str, list[int]](list)
    for tie in evidence.ties:
        if tie.n > n + 1:
            faults.add(links_missing(n + 1, tie.n - 1))
        elif tie.link != link_of(before, tie.n, tie.at, Event(tie.event, tie.boot_id, tie.sequence, tie.hash, tie.opened)):
            text = f"link {tie.n} (boot {tie.boot_id}, {tie.event}) was edited, or link {tie.n - 1} was and given a new hash"
            faults.add(Fault("link_edited", text, tie.boot_id))
        if not is_signed(signed_text(tie.link), tie.key, tie.signature):
            text = f"link {tie.n} ({tie.event} of boot {tie.boot_id}) was put in or altered: it is not signed by its key"
            faults.add(Fault("link_not_believed", text, tie.boot_id))
        elif trusted is not None and tie.key not in trusted:
            strange[tie.key].append(tie.n)
        n, before = tie.n, tie.link
    for key, numbers in strange.items():
        faults.add(Fault("link_not_believed", f"{of_key('link', numbers)} signed by {key}, a key that is not trusted"))
    by_boot: dict[str, list[Tie]] = defaultdict(list)
    for tie in evidence.ties:
        by_boot[tie.boot_id].append(tie)
    for boot_id in evidence.boots:
        _check_boot(evidence, boot_id, by_boot[boot_id], faults)
    for boot_id, sequence, logged_at in evidence.out_of_time:
        faults.add(of_rows("out_of_time", boot_id, sequence, sequence, f"given a time that no clock shows: {logged_at}"))
    for boot_id in evidence.opened_otherwise:
        faults.add(
            of_boot("record_edited", boot_id, "its record says of its opening what row 0 does not, or row 0 was edited", 0)
        )


def _check_boot(evidence: Evidence, boot_id: str, ties: list[Tie], faults: Faults) -> None:
    record, extent = evidence.records.get(boot_id), evidence.extents.get(boot_id)
    if record is None:
        there = f"its rows {extent[0]} to {extent[1]} are there" if extent else "no row of it is there either"
        faults.add(of_boot("boot_missing", boot_id, f"its record is missing; {there}"))
    if [tie.event for tie in ties] not in (["open"], ["open", "close"]):
        events = ", ".join(f"{tie.n} {tie.event}" for tie in ties) or "none"
        faults.add(
            of_boot("boot_not_tied", boot_id, f"one link when it was opened, one when it was closed; there are: {events}")
        )
        return
    if (ties[0].sequence, ties[0].hash) != (-1, genesis(boot_id)):
        faults.add(of_boot("boot_not_tied", boot_id, f"link {ties[0].n} does not open its chain where every chain begins"))
    if record is None:
        return
    if record.opened != ties[0].opened:
        faults.add(of_boot("record_edited", boot_id, f"its record says of its opening what link {ties[0].n} does not", 0))
    if record.is_moved:
        text = f"its record was edited: it says another time of row {record.sequence} than that row"
        faults.add(of_boot("record_edited", boot_id, text, record.sequence))
    if record.closed and len(ties) == 1:
        faults.add(of_boot("boot_not_tied", boot_id, "its record says that it was closed; no link does"))
    if len(ties) > 1 and (True, ties[1].sequence, ties[1].hash) != (record.closed, record.sequence, record.hash):
        now = f"{'closed' if record.closed else 'open'} at row {record.sequence}"
        then = f"link {ties[1].n} says closed at row {ties[1].sequence}, or with another hash"
        text = f"its record was edited: it says {now}; {then}"
        faults.add(of_boot("record_edited", boot_id, text, record.sequence))
