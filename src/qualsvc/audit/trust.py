"""Whether signed statements are to be believed: by whose key, unaltered, each after the one before it."""

import json
from collections.abc import Iterable, Sequence
from typing import Any

from qualsvc.audit.faults import Fault, Faults
from qualsvc.audit.signing import digest, is_signed
from qualsvc.audit.statements import Statement

SUCCESSOR, PREDECESSOR = "successor", "predecessor"
"""What a checkpoint says of keys: whom its signer hands over to, and from whom it took over."""


def said(statement: Statement) -> dict[str, Any]:
    """What the body says; nothing, when it is no JSON object."""
    try:
        read = json.loads(statement.body)
    except ValueError:
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
    found = []
    for each in statements:
        fault = _doubt(each, trusted)
        if fault is None:
            found.append(each)
        else:
            faults.add(Fault(f"{each.kind}_not_believed", f"{source}{each.kind} {each.n} {fault}"))
    return found


def _doubt(statement: Statement, trusted: frozenset[str] | None) -> str | None:
    if not is_signed(statement.body, statement.key, statement.signature):
        return "was edited: its signature is not that of its text"
    about = said(statement)
    if any(about.get(name) != getattr(statement, name) for name in ("kind", "n", "at")):
        return "was edited: kind, number or time are not those that were signed"
    if trusted is not None and statement.key not in trusted:
        return f"is signed by {statement.key}, a key that is not trusted"
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


def check_witnessed(told: Iterable[Statement], kept: Iterable[Statement], faults: Faults) -> int:
    """What a witness was told against what is kept; answers how many of those kept it was not told of."""
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
    return len(there.keys() - heard.keys())
