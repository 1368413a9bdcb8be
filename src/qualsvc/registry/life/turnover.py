"""Which assignments end at an instant, which never begin, which go on and which are new."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from sqlalchemy.ext.asyncio import AsyncConnection

from qualsvc.kernel.facts import FACTS, Assignment
from qualsvc.kernel.instants import format_instant
from qualsvc.records.documents import Document, plain
from qualsvc.records.faults import Fault, InvalidRecord, quote
from qualsvc.records.moments import instant_of
from qualsvc.registry.life.codes import readable, unused
from qualsvc.registry.life.drafts import Draft, Placing, at_instant
from qualsvc.registry.life.forms import NewPost
from qualsvc.registry.life.standing import ASSIGNMENT, codes_taken, of_person
from qualsvc.store.errors import Conflict


@dataclass(slots=True)
class Turnover:
    """What becomes of a person's assignments: `held` from then on as documents, `ended` and `withdrawn` by code."""

    held: list[Document] = field(default_factory=list)
    ended: list[str] = field(default_factory=list)
    withdrawn: list[str] = field(default_factory=list)
    """Those that would have begun later."""
    given_up: set[str] = field(default_factory=set)
    """The positions that are not held from then on and were, or would have been."""


async def turn_over(
    connection: AsyncConnection,
    draft: Draft,
    person: str,
    at: int,
    now: int,
    posts: Sequence[NewPost] = (),
    *,
    anew: bool = False,
) -> Turnover:
    """From `at` on the person holds these positions and no other. Raises Conflict, InvalidRecord.

    What is held already on the same basis goes on as it is; its end is moved where another one is given. `anew` lets nothing
    go on, nor last until a later `at`: somebody hired again must not come into a post of before meanwhile.
    """
    _require_after(posts, at)
    ending = min(at, now) if anew else at
    there = [(document, _read(document)) for document in await of_person(connection, ASSIGNMENT, person)]
    # What has begun and ended in between was held: it is on record and stays there.
    concerned = [
        (document, one)
        for document, one in there
        if one.valid_until > (ending if one.valid_from < ending else max(ending, now))
    ]
    _require_none_begun_since([document for document, one in concerned if ending < one.valid_from <= now], at)
    turned = Turnover()
    going_on: dict[str, int] = {}
    for index, post in enumerate(posts):
        for document, assignment in concerned:
            if not anew and assignment.valid_from <= at and _is(assignment, post):
                going_on[document["code"]] = index
                turned.held.append(_gone_on(draft, document, post, index))
    for document, assignment in concerned:
        if document["code"] in going_on:
            continue
        turned.given_up.add(assignment.position)
        if assignment.valid_from < ending:
            turned.ended.append(document["code"])
            draft.put(ASSIGNMENT, document | {"valid_until": format_instant(ending)})
        else:
            turned.withdrawn.append(document["code"])
            draft.delete(ASSIGNMENT, document["code"])
    new = [(index, post) for index, post in enumerate(posts) if index not in going_on.values()]
    codes = await _codes(connection, person, new)
    for (index, post), code in zip(new, codes, strict=True):
        begun = {"code": code, "person": person, "position": post.position, "basis": post.basis}
        bounds = {"valid_from": format_instant(at), "valid_until": plain(post.valid_until)}
        turned.held.append(draft.put(ASSIGNMENT, begun | bounds, _at_post(index)))
    turned.given_up -= {document["position"] for document in turned.held}
    return turned


def _require_none_begun_since(begun: Sequence[Document], at: int) -> None:
    if begun:
        listed = ", ".join(f"{quote(one['code'])} (from {one['valid_from']})" for one in begun)
        message = f"{listed} began after {format_instant(at)} and is held now; choose a later `at`, or correct that first"
        raise Conflict([Fault("/at", "begun_since", message)])


def _require_after(posts: Sequence[NewPost], at: int) -> None:
    faults = [
        Fault(f"/positions/{index}/valid_until", "end_before_start", "must be after `at`")
        for index, post in enumerate(posts)
        if post.valid_until is not None and instant_of(post.valid_until) <= at
    ]
    if faults:
        raise InvalidRecord(faults)


def _read(document: Document) -> Assignment:
    assignment = FACTS["assignment"](document)
    assert isinstance(assignment, Assignment)
    return assignment


def _is(assignment: Assignment, post: NewPost) -> bool:
    same = (assignment.position, assignment.basis) == (post.position, post.basis)
    return same and post.code in (None, assignment.code)


def _gone_on(draft: Draft, document: Document, post: NewPost, index: int) -> Document:
    if post.valid_until is None:
        return document
    return draft.put(ASSIGNMENT, document | {"valid_until": plain(post.valid_until)}, _at_post(index))


def _at_post(index: int) -> Placing:
    def placing(pointer: str) -> str:
        return at_instant(pointer) if pointer in {"/valid_from", "/person"} else f"/positions/{index}{pointer}"

    return placing


async def _codes(connection: AsyncConnection, person: str, new: Iterable[tuple[int, NewPost]]) -> list[str]:
    """The codes of the new assignments, as given or made up. Raises Conflict for one that is another assignment's."""
    new = list(new)
    given = {post.code: index for index, post in new if post.code is not None}
    bases = [readable(person, post.position) for _, post in new if post.code is None]
    taken = await codes_taken(connection, ASSIGNMENT, given, bases)
    faults = [
        Fault(f"/positions/{index}/code", "code_taken", f"there is an assignment {quote(code)} already; leave `code` out")
        for code, index in given.items()
        if code in taken
    ]
    if faults:
        raise Conflict(faults)
    made_up = iter(unused(bases, taken | given.keys()))
    return [next(made_up) if post.code is None else post.code for _, post in new]
