"""Who asks and who writes while things break. Each client draws by itself, so that none disturbs another's draws."""

import random
import threading
from collections.abc import Iterator
from typing import Any

from tests.faults.asking import TIMEOUT_S, Answer, Asker, Line
from tests.faults.evidence import Outcome, Wrote
from tests.serving import QUESTION

PERSONS = 30
_BATCH = 20
_BULK = 12
_WRITE_TIMEOUT_S = 20.0


def crowd() -> Iterator[dict[str, Any]]:
    """Persons who may drive, each by one certificate."""
    for number in range(PERSONS):
        person = f"P-{number}"
        yield {"kind": "person", "code": person, "name": person, "employment": "employee", "status": "active"}
        holds = {"kind": "assignment", "code": f"A-{number}", "person": person, "position": "DRIVER", "basis": "regular"}
        yield holds | {"valid_from": "2020-01-01T00:00:00Z"}
        yield certificate(f"K-{number}", person, "valid", "first")


def certificate(code: str, person: str, status: str, tag: str) -> dict[str, Any]:
    fields = {"kind": "certificate", "code": code, "person": person, "type": "N1", "status": status, "number": tag}
    return fields | {"valid_from": "2020-01-01", "valid_until": "2098-12-30"}


def asker(base: str, seed: str, rate: float) -> Asker:
    """Single questions, and a batch now and then."""
    drawn = random.Random(seed)

    def question() -> dict[str, str]:
        asked = QUESTION | {"person": f"P-{drawn.randrange(PERSONS)}"}
        return asked | {"supervisor": "E1"} if drawn.random() < 0.1 else asked

    def ask(line: Line) -> Answer:
        if drawn.random() < 0.02:
            return line.batch([question() for _ in range(_BATCH)])
        return line.ask(question())

    return Asker(base, rate=rate, ask=ask)


class Writer(threading.Thread):
    """Revokes, restores, writes bulks and deletes what it wrote; tries nothing again. `strange` are answers nobody foresaw."""

    def __init__(self, base: str, seed: str, rate: float) -> None:
        super().__init__(daemon=True)
        self._base = base
        self._name = seed
        self._drawn = random.Random(seed)
        self._pause_s = 1 / rate
        self._enough = threading.Event()
        self._made: list[str] = []
        self.wrote: list[Wrote] = []
        self.strange: list[str] = []

    def run(self) -> None:
        with Line(self._base, timeout_s=_WRITE_TIMEOUT_S) as line:
            while not self._enough.wait(self._pause_s * self._drawn.uniform(0.2, 1.8)):
                tag = f"{self._name}-{len(self.wrote)}"
                waiting = self._drawn.random() < 0.3
                if self._drawn.random() < 0.7:
                    self._patch(line, tag, waiting=waiting)
                else:
                    self._bulk(line, tag, waiting=waiting)

    def _patch(self, line: Line, tag: str, *, waiting: bool) -> None:
        code, status = f"K-{self._drawn.randrange(PERSONS)}", self._drawn.choice(["valid", "revoked", "suspended"])
        try:
            told = line.patch(f"/v1/certificates/{code}{_wait(waiting)}", {"status": status, "number": tag})
        except OSError:
            self.wrote.append(Wrote(tag, 1))
        else:
            self._note(tag, 1, told, waiting=waiting)

    def _bulk(self, line: Line, tag: str, *, waiting: bool) -> None:
        made = [f"{tag}-{number}" for number in range(self._drawn.randint(1, _BULK))]
        gone, self._made = self._made, []
        records = [certificate(code, f"P-{self._drawn.randrange(PERSONS)}", "valid", tag) for code in made]
        records += [{"kind": "certificate", "code": code, "op": "delete"} for code in gone]
        try:
            told = line.write(records, _wait(waiting))
        except OSError:
            self.wrote.append(Wrote(tag, len(records)))
        else:
            if self._note(tag, len(records), told, waiting=waiting) is Outcome.DONE:
                self._made = made  # only what is there for certain can be deleted

    def _note(self, tag: str, changes: int, told: Answer, *, waiting: bool) -> Outcome:
        if told.status == 200:
            self.wrote.append(Wrote(tag, changes, Outcome.DONE, told.revision, told.received, waiting))
            return Outcome.DONE
        outcome = Outcome.UNKNOWN if told.status == 503 and told.code == "outcome_unknown" else Outcome.REFUSED
        if told.status != 503:
            self.strange.append(f"a write was answered {told.status} {told.body[:200]!r}")
        self.wrote.append(Wrote(tag, changes, outcome, refusal=told.code))
        return outcome

    def finish(self) -> None:
        self._enough.set()
        self.join(TIMEOUT_S)
        assert not self.is_alive(), "a write does not end"


def _wait(waiting: bool) -> str:
    return "?wait=replicas" if waiting else ""
