"""Rows of the decision log as PostgreSQL's COPY writes them, and the chain over them.

The text that is hashed is the very line that COPY gives back for the row (UTC, ISO dates): whoever reads the table out can
recompute every hash without understanding a single column.
"""

import json
from typing import Any, NamedTuple

import msgspec

from qualsvc.spool.format import Entry
from qualsvc.store.chain import COLUMNS

# What COPY writes as an escape. No text of PostgreSQL can hold NUL; it is replaced.
_ESCAPES = {
    "\\": r"\\",
    "\b": r"\b",
    "\f": r"\f",
    "\n": r"\n",
    "\r": r"\r",
    "\t": r"\t",
    "\v": r"\v",
    "\x00": "\N{REPLACEMENT CHARACTER}",
}
_TRANSLATION = str.maketrans(_ESCAPES)
_SPECIAL = "".join(_ESCAPES).replace("\t", "").replace("\\", "").encode()
_TABS = len(COLUMNS) - 1


class _Reason(msgspec.Struct):
    code: str


class _Answer(msgspec.Struct):
    decision: str
    person: str | None
    equipment: str
    process: str
    at: str
    asked_at: str
    revision: int
    reasons: list[_Reason]


class _Question(msgspec.Struct):
    purpose: str | None = None


class _Record(msgspec.Struct):
    key: str
    question: _Question
    answer: _Answer
    site: str | None = None


class _Opened(msgspec.Struct):
    started_at: str


class _Closed(msgspec.Struct):
    at: str


class _Event(msgspec.Struct):
    open: _Opened | None = None
    close: _Closed | None = None


_read_record = msgspec.json.Decoder(_Record).decode
_read_event = msgspec.json.Decoder(_Event).decode


class Row(NamedTuple):
    """One row but for its hash; `line` is what is hashed and copied."""

    sequence: int
    kind: str
    logged_at: str
    line: bytes
    site: str | None = None
    decision: str | None = None
    purpose: str | None = None
    reasons: tuple[str, ...] = ()
    opened: str | None = None


def row_of(entry: Entry, latest: str) -> Row:
    """The row of a record; `latest` is the time of the one before, for a record that says none of its own."""
    payload = entry.payload
    try:
        if not payload.startswith((b'{"open":', b'{"close":')):
            return _answer_row(entry, _read_record(payload))
        event = _read_event(payload)
    except msgspec.DecodeError:
        # Whole, by its checksum, and yet no record of ours: kept as it is.
        return made(entry.boot_id, entry.sequence, "unreadable", latest, json.dumps({"unreadable": payload.hex()}))
    if event.open is not None:
        opened = payload.decode()
        return made(entry.boot_id, entry.sequence, "open", event.open.started_at, opened, opened=opened)
    return made(entry.boot_id, entry.sequence, "close", event.close.at if event.close else latest, payload.decode())


def storable(text: str) -> str:
    """The text as a column of PostgreSQL can hold it."""
    return text.replace("\x00", _ESCAPES["\x00"])


def made(boot_id: str, sequence: int, kind: str, logged_at: str, payload: str, **more: Any) -> Row:
    """A row that is no answer."""
    fields = (boot_id, str(sequence), _time(logged_at), kind, *[None] * 10, payload)
    return Row(sequence, kind, logged_at, _line(fields), **more)


def _answer_row(entry: Entry, record: _Record) -> Row:
    answer, purpose = record.answer, record.question.purpose
    if purpose is not None:
        purpose = storable(purpose)  # it is counted too
    reasons = tuple(dict.fromkeys([reason.code for reason in answer.reasons]))
    asked_at = _time(answer.asked_at)
    fields = (
        entry.boot_id,
        str(entry.sequence),
        asked_at,
        "answer",
        record.site,
        answer.person,
        answer.equipment,
        answer.process,
        answer.decision,
        purpose,
        record.key,
        asked_at if answer.at == answer.asked_at else _time(answer.at),
        str(answer.revision),
        f"{{{','.join(reasons)}}}",
        entry.payload.decode(),
    )
    return Row(entry.sequence, "answer", answer.asked_at, _line(fields), record.site, answer.decision, purpose, reasons)


def _line(fields: tuple[str | None, ...]) -> bytes:
    line = "\t".join([r"\N" if field is None else field for field in fields]).encode()
    # Hardly any row has something to escape: one look at all of it is much sooner done than one at each field.
    is_plain = line.count(b"\\") == fields.count(None) and line.count(b"\t") == _TABS
    if is_plain and len(line.translate(None, _SPECIAL)) == len(line):
        return line
    return "\t".join([r"\N" if field is None else field.translate(_TRANSLATION) for field in fields]).encode()


def _time(instant: str) -> str:
    """RFC 3339 in UTC as PostgreSQL writes it: a space, no trailing zeros of the fraction, the offset in short."""
    text = instant.removesuffix("Z").replace("T", " ")
    return (text.rstrip("0").rstrip(".") if "." in text else text) + "+00"
