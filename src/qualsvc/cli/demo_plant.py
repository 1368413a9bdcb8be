"""Making the demo's plant and keys, and remembering for which day they were made."""

import json
import os
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncEngine

from qualsvc import sample
from qualsvc.access import issuing
from qualsvc.cli.bringing_up import bring_up
from qualsvc.records.kinds import KINDS
from qualsvc.records.model import read_record
from qualsvc.sample.lines import Line
from qualsvc.store.engine import make_engine
from qualsvc.store.operations import Actor, Replace
from qualsvc.store.writing import write

_NOTE = "demo.json"
_ADMIN = Actor("demo", is_admin=True)


@dataclass(frozen=True, slots=True)
class DemoPlant:
    """What the demo runs on: a key that may only ask, one that may do anything, and how many records of each kind."""

    door_key: str
    admin_key: str
    made_on: date
    counts: dict[str, int]
    remade: bool


async def prepare_plant(url: str, directory: Path) -> DemoPlant:
    """Bring the demo's database up to date: schema, keys, and a sample plant whose dates still tell its stories."""
    await bring_up(url)
    today = sample.plant_day(datetime.now(UTC))
    records = sample.records(today)
    counts = dict(Counter(record["kind"] for record in records))
    note = _read_note(directory / _NOTE)
    engine = make_engine(url)
    try:
        known = {key["code"] for key in await issuing.keys(engine) if key["revoked_at"] is None}
        if note is not None and known.issuperset(note.codes):
            made_on, doors, admins = note.made_on, note.door, note.admin
        else:
            made_on = None
            door = await issuing.issue(engine, "demo door", ("ask",))
            admin = await issuing.issue(engine, "demo admin", ("admin",))
            doors, admins = door.token, admin.token
        remade = made_on is None or sample.stale(made_on, today)
        if made_on is None or remade:
            await _load(engine, records)
            made_on = today
        _write_note(directory / _NOTE, Note(made_on, doors, admins))
        return DemoPlant(doors, admins, made_on, counts, remade)
    finally:
        await engine.dispose()


async def _load(engine: AsyncEngine, records: list[Line]) -> None:
    operations = []
    for record in records:
        kind = KINDS[record["kind"]]
        fields = {name: value for name, value in record.items() if name != "kind"}
        operations.append(Replace(kind, read_record(kind.model, fields)))
    await write(engine, _ADMIN, operations)


@dataclass(frozen=True, slots=True)
class Note:
    """What the demo remembers beside its database."""

    made_on: date
    door: str
    admin: str

    @property
    def codes(self) -> set[str]:
        return {token.split("_")[1] for token in (self.door, self.admin)}


def _read_note(path: Path) -> Note | None:
    try:
        written = json.loads(path.read_text(encoding="utf-8"))
        note = Note(date.fromisoformat(written["made_on"]), written["door_key"], written["admin_key"])
        return note if len(note.codes) == len((note.door, note.admin)) else None
    except (OSError, ValueError, KeyError, TypeError, IndexError, AttributeError):
        return None


def _write_note(path: Path, note: Note) -> None:
    text = json.dumps({"made_on": note.made_on.isoformat(), "door_key": note.door, "admin_key": note.admin})
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".new")
    partial.unlink(missing_ok=True)
    with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
    partial.replace(path)
