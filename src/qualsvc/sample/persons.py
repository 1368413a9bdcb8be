"""One person's lines: the person, the posts held, the certificates and the training records.

Phone numbers and addresses are made up and cannot be reached; nobody has an identity number.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

from qualsvc.sample.days import day, midnight, shift_months
from qualsvc.sample.kits import AUTHORITY, INDUCTION, KITS, Card, Kit, Lesson
from qualsvc.sample.lines import Line, line

LANGUAGES = {"NGB": "zh-CN", "HAM": "de"}


@dataclass(frozen=True, slots=True)
class Post:
    """A position held; days from `today`, `until` being the first day on which it is no longer held."""

    position: str
    since: int = -700
    until: int | None = None
    basis: str = "regular"


@dataclass(frozen=True, slots=True)
class Figure:
    """A person who brings the kit of `kit` at `site`, but for `changes` (None takes the card or the lesson away).

    `posts` default to the kit's position, held for two years.
    """

    code: str
    name: str
    site: str
    unit: str
    kit: str
    changes: Mapping[str, Mapping[str, Any] | None] = field(default_factory=dict)
    posts: tuple[Post, ...] = ()
    company: str | None = None
    leader: str | None = None
    status: str = "active"
    left: int | None = None


def person_lines(figure: Figure, today: date) -> Iterator[Line]:
    """The person and all that hangs on them."""
    posts = figure.posts or (Post(figure.kit),)
    hired = today + timedelta(days=min(post.since for post in posts))
    yield line(
        "person",
        figure.code,
        name=figure.name,
        employment="contractor" if figure.company else "employee",
        company=figure.company,
        site=figure.site,
        org_unit=figure.unit,
        supervisor=figure.leader,
        status=figure.status,
        employed_from=hired.isoformat(),
        employed_until=day(today, figure.left),
        badges=[f"BADGE-{figure.code}"],
        phone=f"+00 000 000 {figure.code[1:]}",
        email=f"{figure.code.lower()}@harbour-machinery.example",
        language=LANGUAGES[figure.site],
    )
    for number, post in enumerate(posts, 1):
        yield line(
            "assignment",
            f"{figure.code}-A{number}",
            person=figure.code,
            position=post.position,
            basis=post.basis,
            valid_from=midnight(today + timedelta(days=post.since), figure.site),
            valid_until=None if post.until is None else midnight(today + timedelta(days=post.until), figure.site),
        )
    kit = _changed(KITS[figure.site, figure.kit], INDUCTION[figure.site], figure.changes)
    for tag, card in kit.cards.items():
        yield _certificate(figure, tag, card, today)
    for tag, lesson in kit.lessons.items():
        yield line(
            "training_record",
            f"{figure.code}-{tag}",
            person=figure.code,
            course=lesson.course,
            completed_on=day(today, -lesson.ago),
            passed=True,
            score=lesson.score,
            hours=lesson.hours,
            attendance=lesson.attendance,
        )


def _changed(kit: Kit, induction: Mapping[str, Lesson], changes: Mapping[str, Mapping[str, Any] | None]) -> Kit:
    lessons = {**induction, **kit.lessons}
    unknown = changes.keys() - kit.cards.keys() - lessons.keys()
    assert not unknown, f"no such tag in the kit: {sorted(unknown)}"
    return Kit(
        {tag: replace(card, **(changes.get(tag) or {})) for tag, card in kit.cards.items() if changes.get(tag, {}) is not None},
        {tag: replace(held, **(changes.get(tag) or {})) for tag, held in lessons.items() if changes.get(tag, {}) is not None},
    )


def _certificate(figure: Figure, tag: str, card: Card, today: date) -> Line:
    """Issued as many months before its end as the type is good for; an authority's is checked with it the day after."""
    if card.months is None:
        issued, until = today + timedelta(days=-900), None
    else:
        issued, until = shift_months(today + timedelta(days=card.until + 1), -card.months), card.until
    assert issued < today, f"{figure.code} {tag}: an end {card.until} days away lies beyond {card.months} months"
    verified = card.issuer == AUTHORITY and card.status != "pending"
    return line(
        "certificate",
        f"{figure.code}-{tag}",
        person=figure.code,
        type=card.type,
        number=f"SAMPLE-{tag}-{figure.code[1:]}",
        issuer=card.issuer,
        level=card.level,
        scopes=list(card.scopes),
        limits=dict(card.limits),
        status=card.status,
        valid_from=issued.isoformat(),
        valid_until=day(today, until),
        next_review_on=day(today, card.review),
        verified=verified,
        verified_at=midnight(issued + timedelta(days=1), figure.site) if verified else None,
        verified_by="E1096" if verified else None,
    )
