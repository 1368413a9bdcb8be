"""A question and its answer."""

from qualsvc.kernel.reasons import Reason
from qualsvc.kernel.states import Decision
from qualsvc.kernel.value import value


@value(kw_only=True)
class Question:
    """May `person` operate `equipment` for `process` at instant `at`, and if `until` is given all through `[at, until)`?

    The person is named by code, or by `badge` alone.
    """

    person: str | None = None
    badge: str | None = None
    equipment: str
    process: str
    at: int
    until: int | None = None
    supervisor: str | None = None
    confirmed_by: str | None = None

    @property
    def is_alone(self) -> bool:
        """Whether nobody is named who could discharge anything."""
        return self.supervisor is None and self.confirmed_by is None


@value(kw_only=True)
class Answer:
    """What the facts say. `valid_until` is the first later instant with another answer than at `at`, None if none."""

    person: str | None
    """The person's code; with a badge, whose it is, None if nobody's."""
    decision: Decision
    obligations: tuple[tuple[str, ...], ...]
    valid_until: int | None
    worst_from: int | None
    """With `until`: the first instant of the window that has this decision."""
    reasons: tuple[Reason, ...]
    same_from: int
    same_until: int
    """The same question, about any instant in `[same_from, same_until)`, has this very answer."""
