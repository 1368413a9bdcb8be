"""Accidents and near misses: what is known of one, what was frozen for it, and what became of it."""

from typing import Annotated, Literal

from pydantic import Field

from qualsvc.records.fields import Code, Codes, Instant, Text
from qualsvc.records.model import Record

WINDOW = 60
MAX_WINDOW = 1440

Minutes = Annotated[int, Field(ge=1, le=MAX_WINDOW)]


class Incident(Record):
    """事故/险肇: what happened on one machine, who had been answered anything there, and what was concluded."""

    equipment: Code
    """Code of the equipment."""
    process: Code | None = None
    """Code of the process, with all that were below it then. Null: any."""
    occurred_at: Instant
    """Instant it happened."""
    window: Minutes = WINDOW
    """In minutes: what was answered in `[occurred_at - window, occurred_at + window)` is frozen."""
    description: Text | None = None
    """What happened. It is kept for ever: write codes of persons, not names."""
    frozen_at: Instant
    """Instant at which the evidence was put together."""
    revision: int
    """The last revision recorded when it happened; the states of the persons are of it."""
    answers: int
    """Number of answers frozen."""
    persons: Codes
    """Codes of those who were asked about, or named as supervisor or confirmer, each once."""
    complete: bool
    """True: the window had been over for a minute, and all that this host answered in it is frozen."""
    complete_until: Instant | None = None
    """Up to this instant all that this host answered is frozen. Null: not known, or given up by retention."""
    concluded_at: Instant | None = None
    """Instant of the conclusion. Null: open."""
    conclusion: Text | None = None
    """What was concluded. Null: open."""
    restrictions: Codes = ()
    """Codes of the restrictions made with the conclusion."""
    suspended: Codes = ()
    """Codes of the certificates suspended with it."""


class IncidentEvidence(Record):
    """Some lines of what was frozen for an incident, cut into parts that are read and written in a breath each."""

    incident: Code
    """Code of the incident."""
    sort: Literal["decisions", "states"]
    """What the lines are."""
    part: int
    """The place of these lines among those of their sort, from 0."""
    lines: str
    """JSON, one a line. Text and no JSON here, for a decision is hashed to the byte."""
