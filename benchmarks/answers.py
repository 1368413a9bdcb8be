"""Whether all contestants give the same answers: those of the kernel. Nobody is measured who does not."""

import socket
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from http.client import HTTPResponse

from benchmarks.contestant import Said, Serving, Verdict
from benchmarks.plant import Asked, Plant
from qualsvc.kernel.answer import answer
from qualsvc.kernel.question import Question

_NAMED = 5


class DisagreementError(Exception):
    """Somebody answered otherwise; the text says who, and to which questions."""


def expected(plant: Plant, questions: Iterable[Asked], instant: int | None = None) -> list[Verdict]:
    """What the kernel says of each question at this instant (microseconds; now, where none is given)."""
    snapshot, at = plant.snapshot(), time.time_ns() // 1000 if instant is None else instant
    asked = (Question(person=one.person, equipment=one.equipment, process=one.process, at=at) for one in questions)
    return [answer(snapshot, question).decision for question in asked]


def said_over_http(serving: Serving, questions: Sequence[Asked]) -> Iterator[Said]:
    """One question after the other on one connection. Raises where one is answered other than 200."""
    with socket.create_connection(("127.0.0.1", serving.port), timeout=30) as connection:
        for asked in questions:
            connection.sendall(serving.request(asked))
            told = HTTPResponse(connection)
            told.begin()
            body = told.read()
            if told.status != 200:
                raise DisagreementError(f"{asked} is answered {told.status}: {body.decode(errors='replace')}")
            yield serving.read(body)


def said_in_process(decide: Callable[[Asked], Said], questions: Sequence[Asked]) -> Iterator[Said]:
    return map(decide, questions)


def compare(name: str, questions: Sequence[Asked], right: Sequence[Verdict], said: Iterable[Said]) -> None:
    """Raises DisagreementError unless each answer is the right one, as far as the engine knows more than yes and no."""
    wrong = [
        f"{' '.join(asked)}: {found}, not {verdict}"
        for asked, verdict, found in zip(questions, right, said, strict=True)
        if found != (verdict == "allow" if isinstance(found, bool) else verdict)
    ]
    if wrong:
        more = f"\nand {len(wrong) - _NAMED} more" if len(wrong) > _NAMED else ""
        listed = "\n".join(wrong[:_NAMED])
        raise DisagreementError(f"{name} answers {len(wrong)} of {len(questions)} questions otherwise:\n{listed}{more}")
