"""Laws of answers under changes of records."""

import copy
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from qualsvc.kernel.answer import answer
from qualsvc.kernel.instants import MICROSECONDS
from qualsvc.kernel.question import Answer, Question
from qualsvc.replica.held import Held
from qualsvc.zones import load
from tests.differential.compare import Document, snapshot_of
from tests.kernel.drawn import RANK, Documents, Drawn, answers, at_once, internals, never_better, residuals
from tests.reference.draw import ZONES, write_instant
from tests.reference.plants import random_plant
from tests.reference.requirements import draw_requirement

_FAR = (("valid_from", "0001-01-01T00:00:00Z"), ("valid_until", None))


@dataclass(frozen=True)
class Change:
    """As the change log tells it."""

    revision: int
    kind: str
    code: str
    before: Document | None
    after: Document | None


# What can only make answers worse


def _with_restriction(documents: Documents, rng: random.Random) -> None:
    fields = {kind: rng.choice([None, *documents[kind]]) for kind in ("site", "equipment_class", "equipment", "process")}
    narrow = fields if rng.random() < 0.7 else dict.fromkeys(fields)
    who = rng.choice(list(documents["person"]))
    documents["restriction"]["NEW"] = {"code": "NEW", "person": who, **narrow, **dict(_FAR), "reason": "–"}


def _with_guard(documents: Documents, rng: random.Random) -> None:
    like = copy.deepcopy(rng.choice(list(documents["rule"].values())))
    position = rng.choice([None, *documents["position"]])
    requirement = draw_requirement(rng, documents)
    enforcement = rng.choice(("block", "confirm", "monitor"))
    new = {"code": "NEW", "effect": "guard", "position": position, "requirement": requirement, "enforcement": enforcement}
    documents["rule"]["NEW"] = {**like, **new}


def _with_grant_beside_another(documents: Documents, rng: random.Random) -> None:
    grants = [rule for rule in documents["rule"].values() if rule["effect"] == "grant"]
    if grants:
        requirement = draw_requirement(rng, documents)
        documents["rule"]["NEW"] = {**copy.deepcopy(rng.choice(grants)), "code": "NEW", "requirement": requirement}


def _without(kind: str) -> Callable[[Documents, random.Random], None]:
    def change(documents: Documents, rng: random.Random) -> None:
        for code in rng.sample(list(documents[kind]), (len(documents[kind]) + 1) // 2):
            del documents[kind][code]

    change.__name__ = f"_without_{kind}"
    return change


def _with_status(kind: str, *statuses: str) -> Callable[[Documents, random.Random], None]:
    def change(documents: Documents, rng: random.Random) -> None:
        for code in rng.sample(list(documents[kind]), (len(documents[kind]) + 1) // 2):
            documents[kind][code] = {**documents[kind][code], "status": rng.choice(statuses)}

    change.__name__ = f"_with_status_{kind}"
    return change


NARROWING: tuple[Callable[[Documents, random.Random], None], ...] = (
    _with_restriction,
    _with_guard,
    _with_grant_beside_another,
    _without("certificate"),
    _without("waiver"),
    _without("assignment"),
    _with_status("certificate", "revoked", "suspended", "pending"),
    _with_status("waiver", "revoked", "rejected", "requested"),
    _with_status("person", "suspended", "left"),
    _with_status("company", "suspended"),
    _with_status("equipment", "retired"),
)


def narrowing_narrows(drawn: Drawn) -> None:
    """Adding a restriction, guard or grant beside another, removing or revoking: no becomes no yes, a condition no allow."""
    before = [(residuals(drawn.snapshot, question), answer(drawn.snapshot, question)) for question in drawn.questions]
    for change in NARROWING:
        documents = {kind: dict(records) for kind, records in drawn.documents.items()}
        change(documents, drawn.rng)
        narrowed = snapshot_of(documents)
        for question, (were, was) in zip(drawn.questions, before, strict=True):
            assert never_better(were, residuals(narrowed, question)), (change.__name__, question)
            assert RANK[answer(narrowed, question).decision] <= RANK[was.decision], (change.__name__, question)


def helping_never_harms(drawn: Drawn) -> None:
    """Naming a supervisor or a confirmer, whoever it is, never makes an answer worse."""
    for question in drawn.questions:
        alone = replace(question, supervisor=None)
        for without in (alone, replace(question, confirmed_by=None), replace(alone, confirmed_by=None)):
            assert never_better(residuals(drawn.snapshot, question), residuals(drawn.snapshot, without))
            with_decision = answer(drawn.snapshot, question).decision
            assert RANK[answer(drawn.snapshot, without).decision] <= RANK[with_decision]


# Order and folding


def _shuffled_requirement(requirement: Any, rng: random.Random) -> Any:
    if requirement is None or "certificate" in requirement or "training" in requirement:
        return requirement
    name = next(name for name in ("all", "any", "of") if name in requirement)
    parts = [_shuffled_requirement(part, rng) for part in requirement[name]]
    rng.shuffle(parts)
    return {**requirement, name: parts}


def _shuffled(documents: Documents, rng: random.Random) -> Documents:
    kinds = list(documents)
    rng.shuffle(kinds)
    shuffled: Documents = {}
    for kind in kinds:
        records = list(documents[kind].items())
        rng.shuffle(records)
        shuffled[kind] = dict(records)
    for code, rule in shuffled["rule"].items():
        asks = [name for name in ("requirement", "supervised_requirement", "recommended") if name in rule]
        told: Document = {name: _shuffled_requirement(rule[name], rng) for name in asks}
        shuffled["rule"][code] = {**rule, **told}
    return shuffled


def order_does_not_matter(drawn: Drawn) -> None:
    """Answers and their reasons depend neither on the order of records nor on that of a requirement's parts."""
    expected = answers(drawn.snapshot, drawn.questions)
    for _ in range(2):
        assert answers(snapshot_of(_shuffled(drawn.documents, drawn.rng)), drawn.questions) == expected


def _another(documents: Documents, rng: random.Random) -> Documents:
    """Another plant under the same codes: records move to other persons, sites and classes; badges change hands."""
    other = random_plant(rng)
    if rng.random() < 0.3:  # or the same with but a few records replaced
        kept = {kind: dict(records) for kind, records in documents.items()}
        for kind in ("certificate", "assignment", "training_record", "waiver", "restriction"):
            for code in rng.sample(list(kept[kind]), min(3, len(kept[kind]))):
                kept[kind][code] = {**kept[kind][code], "person": rng.choice(list(kept["person"]))}
        other = kept
    badges = [person["badges"] for person in other["person"].values()]
    rng.shuffle(badges)
    for (code, person), worn in zip(list(other["person"].items()), badges, strict=True):
        other["person"][code] = {**person, "badges": worn}
    return other


def _changes(revision: int, before: Documents, after: Documents, rng: random.Random) -> list[Change]:
    """What a revision changes from one plant to the other, in any order."""
    changes = [
        Change(revision, kind, code, before[kind].get(code), after[kind].get(code))
        for kind in before
        for code in {**before[kind], **after[kind]}
        if before[kind].get(code) != after[kind].get(code)
    ]
    rng.shuffle(changes)
    return changes


def _generations(drawn: Drawn) -> Iterator[tuple[Documents, Documents]]:
    before = drawn.documents
    for _ in range(2):
        after = _another(before, drawn.rng)
        yield before, after
        before = after


def folding_equals_loading(drawn: Drawn) -> None:
    """Folding changes one by one gives the facts, answers and reasons that loading the result gives."""
    folded = snapshot_of(drawn.documents)
    for before, after in _generations(drawn):
        answers(folded, drawn.questions)  # what it remembers must not outlive the change
        for change in _changes(1, before, after, drawn.rng):
            folded.apply(change.kind, change.code, change.after)
        loaded = snapshot_of(after)
        assert internals(folded) == internals(loaded)
        assert answers(folded, drawn.questions) == answers(loaded, drawn.questions)


def copies_are_apart(drawn: Drawn) -> None:
    """A copy of a snapshot changes without the first, and the first without the copy."""
    first = snapshot_of(drawn.documents)
    expected, held = answers(first, drawn.questions), internals(first)
    twin = first.copy()
    assert (internals(twin), twin.revision) == (held, first.revision)
    after = _another(drawn.documents, drawn.rng)
    changes = _changes(1, drawn.documents, after, drawn.rng)
    for change in changes:
        twin.apply(change.kind, change.code, change.after)
    assert internals(first) == held
    assert answers(first, drawn.questions) == expected
    later = answers(twin, drawn.questions)
    assert later == answers(snapshot_of(after), drawn.questions)
    for change in changes:
        first.apply(change.kind, change.code, change.after)
    for change in changes:
        first.apply(change.kind, change.code, None)
    assert answers(twin, drawn.questions) == later


def remembered_answers_are_fresh(drawn: Drawn) -> None:
    """What a replica remembers between asks never answers for an earlier revision, nor for another role of a person."""
    held = Held.build(load, UUID(int=1), 0, _listed(drawn.documents))
    turned = [replace(asked, person=asked.supervisor, supervisor=asked.person) for asked in drawn.questions if asked.supervisor]
    questions = drawn.questions + turned
    for revision, (before, after) in enumerate(_generations(drawn), 1):
        found = _remembered(held, questions)
        assert found == answers(held.snapshot, questions)
        held.apply(_changes(revision, before, after, drawn.rng))
        found = _remembered(held, questions)
        assert found == answers(snapshot_of(after), questions)


def _remembered(held: Held, questions: Sequence[Question]) -> list[Answer]:
    """The answers as they are given: remembered, as any question about an instant of them may find them."""
    for question in questions:
        held.remembered.answer(held.snapshot, at_once(question, question.at + 3600 * MICROSECONDS))
    return [held.remembered.answer(held.snapshot, question).answer for question in questions]


def single_changes_fold(drawn: Drawn) -> None:
    """After one record has changed, of whatever kind, a replica answers as if it had loaded the result."""
    for kind, code, before, after in _single_changes(drawn.documents, drawn.rng):
        held = Held.build(load, UUID(int=1), 0, _listed(drawn.documents))
        for question in drawn.questions:
            held.remembered.answer(held.snapshot, question)
        held.apply([Change(1, kind, code, before, after)])
        documents = {name: dict(records) for name, records in drawn.documents.items()}
        documents[kind].pop(code, None)
        if after is not None:
            documents[kind][code] = after
        fresh = snapshot_of(documents)
        assert internals(held.snapshot) == internals(fresh)
        found = _remembered(held, drawn.questions)
        assert found == answers(fresh, drawn.questions), (kind, code)


def _listed(documents: Documents) -> list[tuple[str, str, Document]]:
    return [(kind, code, document) for kind, of_kind in documents.items() for code, document in of_kind.items()]


Single = tuple[str, str, Document | None, Document | None]


def _single_changes(documents: Documents, rng: random.Random) -> Iterator[Single]:
    """One record of each kind changed, moved, put or removed; references go on resolving."""
    persons = list(documents["person"])
    for kind in ("certificate", "assignment", "training_record", "waiver", "restriction"):
        for code in rng.sample(list(documents[kind]), min(2, len(documents[kind]))):
            before = documents[kind][code]
            yield kind, code, before, rng.choice((None, {**before, "person": rng.choice(persons)}))
    who = rng.choice(persons)
    ban = {"code": "NEW", "person": who, "site": None, "equipment_class": None, "equipment": None, "process": None}
    yield "restriction", "NEW", None, {**ban, "valid_from": write_instant(0), "valid_until": None, "reason": "–"}
    changed: dict[str, Callable[[Document], Document]] = {
        "person": lambda _: {"status": "left", "badges": ["B9"]},
        "site": lambda _: {"time_zone": rng.choice(ZONES)},
        "company": lambda company: {"status": "suspended" if company["status"] == "approved" else "approved"},
        "position": lambda position: {"may_confirm": not position["may_confirm"]},
        "equipment": lambda _: {name: rng.choice(list(documents[name])) for name in ("equipment_class", "site")},
        "equipment_class": lambda tree: {"parent": _above("equipment_class", tree)},
        "process": lambda tree: {"parent": _above("process", tree), "maintenance": not tree["maintenance"]},
        "certificate_type": lambda of: {"usable_while_renewing": not of["usable_while_renewing"], "equivalents": []},
        "rule": lambda _: {"requirement": draw_requirement(rng, documents), "site": None},
    }

    def _above(kind: str, node: Document) -> str | None:
        """Another parent; those with lesser codes are never below, so that no cycle comes of it."""
        others = [None, *(code for code in documents[kind] if code < node["code"])]
        return rng.choice([code for code in others if code != node["parent"]] or [None])

    for kind, change in changed.items():
        code = rng.choice(list(documents[kind]))
        yield kind, code, documents[kind][code], {**documents[kind][code], **change(documents[kind][code])}
