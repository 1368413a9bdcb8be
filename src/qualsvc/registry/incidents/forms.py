"""What is sent about incidents, field by field."""

from collections.abc import Iterator
from typing import Annotated, Any

from pydantic import Field

from qualsvc.records.faults import Fault, quote
from qualsvc.records.fields import Code, Codes, Instant, Text
from qualsvc.records.incidents import WINDOW, Minutes
from qualsvc.records.model import Form

MAX_MEASURES = 100


class Report(Form):
    """An accident or near miss, to be frozen."""

    code: Code | None = None
    """Code of the incident. Null: made of the equipment's and the instant."""
    equipment: Code
    """Code of the equipment."""
    process: Code | None = None
    """Code of the process, with all that were below it then. Null: any."""
    occurred_at: Instant
    """Instant it happened."""
    window: Minutes = WINDOW
    """In minutes: what was answered in `[occurred_at - window, occurred_at + window)` is frozen. Null: 60."""
    description: Text | None = None
    """What happened. It is kept for ever: write codes of persons, not names."""


class Conclusion(Form):
    """What was found, and what follows from it at once."""

    conclusion: Text
    """What was concluded. It is kept for ever: write codes of persons, not names."""
    restrictions: Annotated[tuple[dict[str, Any], ...], Field(strict=False, max_length=MAX_MEASURES)] = ()
    """Restrictions to be made, each as `PUT` takes it; without `code` one is made of the incident's and the person's."""
    suspend: Annotated[Codes, Field(max_length=MAX_MEASURES)] = ()
    """Codes of certificates to be suspended."""

    def contradictions(self) -> Iterator[Fault]:
        if not self.conclusion.strip():
            yield Fault("/conclusion", "invalid_text", "empty; say what was found")
        for i, code in enumerate(self.suspend):
            if code in self.suspend[:i]:
                yield Fault(f"/suspend/{i}", "duplicate_code", f"{quote(code)} is in the list already; name it once")
