"""Whether signed statements are to be believed: by whose key, unaltered, each after the one before it."""

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from qualsvc.audit.faults import Fault, Faults, of_key
from qualsvc.audit.signing import digest, is_signed
from qualsvc.audit.statements import KINDS, Statement

SUCCESSOR, PREDECESSOR = "successor", "predecessor"
"""What a checkpoint says of keys: whom its signer hands over to, and from whom it took over."""
CONTRADICTED = "contradicted"
"""What a checkpoint says of the log, where its signer remembered otherwise."""
_AWAY = timedelta(hours=1)
"""So long a witness may be away before that is a fault."""


def said(statement: Statement) -> dict[str, Any]:
    """What the body says; nothing, when it is no JSON object."""
    try:
        read = json.loads(statement.body)
    except (ValueError, RecursionError):
        return {}
    return read if isinstance(read, dict) else {}


def trusted_keys(given: Iterable[str], statements: Iterable[Statement]) -> frozenset[str]:
    """The keys given, and all that a trusted one names as its successor or its predecessor."""
    trusted = frozenset(given)
    named: list[tuple[str, str]] = []
    for each in statements:
        about = said(each)
        others = [about[word] for word in (SUCCESSOR, PREDECESSOR) if isinstance(about.get(word), str)]
        if others and is_signed(each.body, each.key, each.signature):
            named += [(each.key, other) for other in others]
    while more := {other for key, other in named if key in trusted} - trusted:
        trusted |= more
    return trusted


def believed(
    statements: Iterable[Statement], trusted: frozenset[str] | None, faults: Faults, source: str = ""
) -> list[Statement]:
    """Those whose signature is good, and by a trusted key; the others are faults. `trusted` None: any key will do."""
    found, strange = [], defaultdict[tuple[str, str], list[int]](list)
    for each in statements:
        try:
            fault = _doubt(each)
        except Exception as error:  # noqa: BLE001 -- whatever somebody planted is a fault of this one only
            fault = f"cannot be read: {type(error).__name__}: {error}"
        if fault is not None:
            faults.add(Fault(f"{each.kind}_not_believed", f"{source}{each.kind} {each.n} {fault}"))
        elif trusted is not None and each.key not in trusted:
            strange[each.kind, each.key].append(each.n)
        else:
            found.append(each)
    for (kind, key), numbers in strange.items():
        text = f"{source}{of_key(kind, numbers)} signed by {key}, a key that is not trusted"
        faults.add(Fault(f"{kind}_not_believed", text))
    return found


def _doubt(statement: Statement) -> str | None:
    if not is_signed(statement.body, statement.key, statement.signature):
        return "was edited: its signature is not that of its text"
    about = said(statement)
    if any(about.get(name) != getattr(statement, name) for name in ("kind", "n", "at")):
        return "was edited: kind, number or time are not those that were signed"
    return None


def check_order(kind: str, statements: Sequence[Statement], faults: Faults) -> None:
    """Of one kind, as the table has them: numbered from one without a hole, each naming the one before it."""
    before: Statement | None = None
    for each in statements:
        n = 1 if before is None else before.n + 1
        if each.n > n:
            which = f"{kind} {n} is" if each.n == n + 1 else f"{kind}s {n} to {each.n - 1} are"
            faults.add(Fault(f"{kind}_missing", f"{which} missing"))
        elif said(each).get("previous") != (None if before is None else digest(before.body)):
            follows = "a first one" if before is None else f"{kind} {before.n} as it is now"
            faults.add(Fault(f"{kind}_out_of_order", f"{kind} {each.n} was not made to follow on {follows}"))
        before = each


def check_witnessed(told: Iterable[Statement], kept: Iterable[Statement], faults: Faults) -> set[tuple[str, int]]:
    """What a witness was told and is believed, against what is kept; answers kind and number of those kept that it was told."""
    there = {(each.kind, each.n): each for each in kept}
    heard: dict[tuple[str, int], Statement] = {}
    for each in told:
        name = (each.kind, each.n)
        what = f"{each.kind} {each.n} of {each.at}"
        if name in heard:
            faults.add(Fault("witness_told_otherwise", f"{what}: the witness was told of another one under this number before"))
        elif name not in there:
            faults.add(Fault(f"{each.kind}_missing", f"{what} is missing; the witness was told of it"))
        elif there[name] != each:
            faults.add(Fault(f"{each.kind}_altered", f"{what} is not here as the witness was told of it"))
        heard.setdefault(name, each)
    return there.keys() & heard.keys()


def check_told(told: Collection[tuple[str, int]], kept: Iterable[Statement], now: datetime, faults: Faults) -> None:
    """What is kept was told to some witness: at once, and in order, but for a time in which a witness may be away."""
    upto: dict[str, int] = {kind: max((n for of, n in told if of == kind), default=0) for kind in KINDS}
    late = [each for each in kept if (each.kind, each.n) not in told and (each.n < upto[each.kind] or _is_late(each, now))]
    for kind in KINDS:
        of = [each for each in late if each.kind == kind]
        if of:
            which = f"{kind} {of[0].n} of {of[0].at}"
            many = f"{which}, and {len(of) - 1} more up to {of[-1].n} of {of[-1].at}, were" if of[1:] else f"{which} was"
            text = f"{many} never told to any witness given: somebody silenced it, or it is a copy made before then"
            faults.add(Fault(f"{kind}_not_witnessed", text))


def _is_late(statement: Statement, now: datetime) -> bool:
    try:
        return now - datetime.fromisoformat(statement.at) > _AWAY
    except (ValueError, TypeError, OverflowError):
        return True
