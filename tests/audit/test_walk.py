"""No change of a chain's rows goes unseen, and none goes unnamed: drawn changes, without a database."""

import asyncio

from hypothesis import given
from hypothesis import strategies as st

from qualsvc.audit.diagnosis import END, diagnosed
from qualsvc.audit.lines import Link, parsed
from qualsvc.audit.walk import Walk
from qualsvc.store.chain import COLUMNS, chained, genesis

BOOT = "boot"
ROWS = 12


def row(sequence: int, word: str, head: bytes) -> bytes:
    """A row as COPY gives it, with this hash."""
    return line(sequence, word) + b"\t\\\\x" + head.hex().encode()


def line(sequence: int, word: str) -> bytes:
    rest = ["\\N"] * (len(COLUMNS) - 5)
    return "\t".join([BOOT, str(sequence), "2026-11-21 03:30:00+00", "answer", *rest, word]).encode()


def shipped() -> tuple[list[bytes], bytes]:
    """The rows as they were shipped, and the head."""
    head, rows = genesis(BOOT), []
    for sequence in range(ROWS):
        head = chained(head, line(sequence, "w"))
        rows.append(row(sequence, "w", head))
    return rows, head


ORIGINAL, HEAD = shipped()

number = st.integers(0, ROWS + 2)
digest = st.sampled_from([bytes(32), b"", *(bytes.fromhex(each[-64:].decode()) for each in ORIGINAL)])
changes = st.lists(
    st.one_of(
        st.tuples(st.just("delete"), number, number),
        st.tuples(st.just("put"), number, st.builds(row, number, st.sampled_from(["w", "x"]), digest)),
    ),
    min_size=1,
    max_size=4,
)


def changed(made: list[tuple[str, int, int | bytes]]) -> list[bytes]:
    """The rows after the changes, in the order in which the table is read."""
    rows = list(ORIGINAL)
    for what, at, value in made:
        if isinstance(value, bytes):
            rows = [*rows, value] if what == "put" else rows
        else:
            rows = [each for each in rows if not at <= parsed(each).sequence <= value]
    return sorted(rows, key=lambda each: parsed(each).sequence)


def faults(rows: list[bytes]) -> tuple[bool, list[str]]:
    """Whether the walk passed over all without a word to the very head, and what the diagnosis says."""
    walk = Walk(BOOT, -1, genesis(BOOT), {})
    asyncio.run(walk.pass_over(b"".join(each + b"\n" for each in rows)))
    end = (parsed(rows[-1]).sequence, parsed(rows[-1]).hash) if rows else (-1, genesis(BOOT))
    head = Link(ROWS, ROWS, b"", END, None, HEAD)
    group = [Link(-1, -1, genesis(BOOT), "genesis"), *map(parsed, rows), head]
    found = [fault.text for fault in diagnosed(BOOT, [group])]
    return not walk.walked.places and end == (ROWS - 1, HEAD), found


def test_as_shipped() -> None:
    """Rows that nobody touched pass."""
    assert (True, []) == faults(ORIGINAL)


@given(changes)
def test_any_change_is_seen_and_named(made: list[tuple[str, int, int | bytes]]) -> None:
    """Whatever is deleted, put in or put in place of another: the walk stops at it, and the diagnosis has a word for it."""
    rows = changed(made)
    passed, named = faults(rows)
    assert (rows == ORIGINAL) == passed == (not named)
