"""Accidents and near misses: what is known of one, what was frozen for it, and what became of it."""

from typing import Annotated, Any

from pydantic import Field

from qualsvc.records.fields import Code, Codes, Instant, Text
from qualsvc.records.model import Record

WINDOW_MINUTES = 60
MAX_WINDOW_MINUTES = 1440


class Incident(Record):
    """事故/险肇: what happened on one machine, who had been answered anything there, and what was concluded."""

    equipment: Code
    """Code of the equipment."""
    process: Code | None = None
    """Code of the process, with all below. Null: any."""
    occurred_at: Instant
    """Instant it happened."""
    window_minutes: Annotated[int, Field(ge=1, le=MAX_WINDOW_MINUTES)] = WINDOW_MINUTES
    """Answers given so many minutes before and after it are frozen."""
    description: Text | None = None
    """What happened. It is kept for ever: write codes of persons, not names."""
    frozen_at: Instant
    """Instant at which the evidence was put together."""
    revision: int
    """The last revision recorded when it happened; the states of the persons are of it."""
    answers: int
    """Number of answers frozen."""
    persons: Codes = ()
    """Codes of the persons who were asked about there then, as asked, each once."""
    complete: bool
    """False: this host had answers of that time which were not in the database yet. Report it anew once they are."""
    shipped_until: Instant | None = None
    """When not complete: up to this instant all answers of this host were there. Null: complete, or none were."""
    concluded_at: Instant | None = None
    """Instant of the conclusion. Null: open."""
    conclusion: Text | None = None
    """What was concluded. Null: open."""
    restrictions: Codes = ()
    """Codes of the restrictions made with the conclusion."""
    suspended: Codes = ()
    """Codes of the certificates suspended with it."""


class IncidentEvidence(Record):
    """What was frozen: the answers, and what was known of each person when it happened."""

    decisions: tuple[dict[str, Any], ...] = ()
    """The answers, oldest first, each in a few words; the whole of each is at its `decision_id`."""
    states: tuple[dict[str, Any], ...] = ()
    """The persons known by then, by code."""
