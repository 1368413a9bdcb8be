"""The sample as the two evaluators read it."""

from copy import deepcopy
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from qualsvc.kernel.answer import answer
from qualsvc.kernel.question import Question
from qualsvc.kernel.snapshot import Snapshot
from qualsvc.sample import CastMember, records
from tests.reference import evaluator

DAYS = (
    date(2026, 11, 21),
    date(2028, 2, 29),
    date(2027, 2, 28),
    date(2026, 12, 31),
    date(2027, 1, 1),
    date(2027, 3, 28),  # a Sunday: Berlin's clocks go forward, and the next day is Monday
    date(2026, 10, 25),  # Berlin's clocks go back
    date(2026, 10, 26),  # a Monday
)
ZONES = {"NGB": ZoneInfo("Asia/Shanghai"), "HAM": ZoneInfo("Europe/Berlin")}

Documents = dict[str, dict[str, dict[str, Any]]]


@dataclass(frozen=True)
class Sample:
    """One day's sample, in both evaluators."""

    documents: Documents
    plant: evaluator.Plant
    snapshot: Snapshot

    @classmethod
    def made_on(cls, today: date) -> "Sample":
        documents: Documents = {}
        for line in records(today):
            documents.setdefault(line["kind"], {})[line["code"]] = {name: line[name] for name in line if name != "kind"}
        return cls.of(documents)

    @classmethod
    def of(cls, documents: Documents) -> "Sample":
        snapshot = Snapshot(ZoneInfo)
        for kind, records_of_kind in documents.items():
            for code, document in records_of_kind.items():
                snapshot.apply(kind, code, document)
        return cls(documents, evaluator.Plant(documents), snapshot)

    def changed(self, kind: str, code: str, /, **fields: Any) -> "Sample":
        """The same plant with one record put (its other fields as they are)."""
        documents = deepcopy(self.documents)
        documents[kind].setdefault(code, {"code": code}).update(fields)
        return Sample.of(documents)

    def site(self, member: CastMember) -> str:
        return str(self.documents["equipment"][member.equipment]["site"])

    def by_reference(self, member: CastMember, at: int) -> tuple[str, list[list[str]], int | None]:
        """Decision, obligations and `valid_until`, by the independent evaluator."""
        question = {"person": member.person, "equipment": member.equipment, "process": member.process, "at": at, "until": None}
        found = evaluator.answer(self.plant, question | {"supervisor": member.supervisor, "confirmed_by": member.confirmed_by})
        return found["decision"], found["obligations"], found["valid_until"]

    def by_kernel(self, member: CastMember, at: int) -> tuple[str, list[list[str]], int | None, list[str]]:
        """Decision, obligations, `valid_until` and the codes of the reasons, by the kernel."""
        found = answer(
            self.snapshot,
            Question(
                person=member.person,
                equipment=member.equipment,
                process=member.process,
                at=at,
                supervisor=member.supervisor,
                confirmed_by=member.confirmed_by,
            ),
        )
        return (
            found.decision,
            [list(one) for one in found.obligations],
            found.valid_until,
            [reason.code for reason in found.reasons],
        )


def begins(day: date, site: str) -> int:
    """The instant a date begins at the site, in microseconds since the epoch."""
    moment = datetime.combine(day, time(), ZONES[site]).astimezone(UTC)
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
