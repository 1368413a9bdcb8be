"""What tombstones say: runs of rows that were given up, with the hashes before and after each."""

import json
from collections.abc import Iterable

from qualsvc.audit.lines import Link
from qualsvc.audit.statements import Statement

KIND = "given up"
GREATEST = 2**63 - 1
"""The greatest number a row can have, if nobody would ever give it."""

Runs = dict[str, dict[int, Link]]
"""By boot and by the row each begins with."""


def is_given_up(runs: Runs, boot_id: str, sequence: int) -> bool:
    """Whether one of the runs stands for this row."""
    return any(run.start <= sequence <= run.sequence for run in runs.get(boot_id, {}).values())


def runs_told(tombstones: Iterable[Statement]) -> Runs:
    """All runs of these tombstones, as links of their boots' chains. Raises ValueError where a body says no such thing."""
    found: Runs = {}
    for each in tombstones:
        try:
            told = json.loads(each.body)
            if not str(told["month"]) < each.at[:7]:
                raise ValueError("a month was given up before it was over")
            for boot_id, first, last, before, after in told["runs"]:
                if not (isinstance(boot_id, str) and 0 <= int(first) <= int(last) < GREATEST):
                    raise ValueError("no such rows")
                run = Link(int(first), int(last), bytes.fromhex(after), KIND, None, bytes.fromhex(before))
                found.setdefault(boot_id, {})[run.start] = run
        except (KeyError, TypeError, ArithmeticError, RecursionError) as error:
            raise ValueError(str(error)) from error
    return found
