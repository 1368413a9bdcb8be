"""What a user would write: FastAPI, SQLAlchemy, and the database asked each time, over the same tables.

All that may matter is queried anew at each question; then the reference evaluator says what it means at this instant, without
reasons and without a `valid_until`. Nothing is remembered and nothing is put on record.
"""

import os
import time
from collections.abc import AsyncIterator, Sequence
from datetime import date
from typing import Annotated, Any

import asyncpg
from fastapi import Depends, FastAPI
from pydantic import BaseModel
from sqlalchemy import ColumnElement, Table, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from tests.reference import evaluator

from qualsvc.store import tables

Documents = dict[str, dict[str, Any]]


async def _connect(**_: Any) -> asyncpg.Connection:
    return await asyncpg.connect(os.environ["BENCHMARK_DATABASE_URL"])


engine = create_async_engine("postgresql+asyncpg://", pool_size=32, connect_args={"async_creator_fn": _connect})
app = FastAPI()


class Told(BaseModel):
    """The answer, without reasons."""

    decision: str
    allowed: bool
    obligations: list[list[str]]


async def _connection() -> AsyncIterator[AsyncConnection]:
    async with engine.connect() as connection:
        yield connection


@app.get("/can-operate")
async def can_operate(
    person: str, equipment: str, process: str, connection: Annotated[AsyncConnection, Depends(_connection)]
) -> Told:
    """May the person operate the equipment for the process, now?"""
    found: dict[str, Documents] = {}
    for table in (tables.assignment, tables.certificate, tables.training_record, tables.waiver, tables.restriction):
        found[table.name] = await _rows(connection, table, table.c.person == person)
    found["person"] = await _rows(connection, tables.person, tables.person.c.code == person)
    companies = [one["company"] for one in found["person"].values() if one["company"]]
    found["company"] = await _rows(connection, tables.company, tables.company.c.code.in_(companies))
    found["equipment"] = await _rows(connection, tables.equipment, tables.equipment.c.code == equipment)
    sites = [one["site"] for one in found["equipment"].values()]
    found["site"] = await _rows(connection, tables.site, tables.site.c.code.in_(sites))
    classes = [one["equipment_class"] for one in found["equipment"].values()]
    found["equipment_class"] = await _line(connection, tables.equipment_class, classes)
    found["process"] = await _line(connection, tables.process, [process])
    found["rule"] = await _rules(connection, equipment, sites, list(found["equipment_class"]), list(found["process"]))
    found["certificate_type"] = await _types(connection, list(found["rule"]), found["certificate"])
    plant = evaluator.Plant(found)
    table_of_truth = evaluator.state(plant, person, equipment, process, time.time_ns() // 1000)
    decision, obligations = evaluator.decision_and_obligations(table_of_truth)
    return Told(decision=decision, allowed=decision == "allow", obligations=obligations)


async def _rows(connection: AsyncConnection, table: Table, condition: ColumnElement[bool]) -> Documents:
    rows = (await connection.execute(select(table).where(condition))).mappings()
    return {row["code"]: {name: _written(value) for name, value in row.items()} for row in rows}


def _written(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value  # a datetime is a date too


async def _line(connection: AsyncConnection, tree: Table, codes: Sequence[str]) -> Documents:
    line: Documents = {}
    while codes:
        found = await _rows(connection, tree, tree.c.code.in_(codes))
        line |= found
        codes = [one["parent"] for one in found.values() if one["parent"] is not None]
    return line


async def _rules(
    connection: AsyncConnection, equipment: str, sites: list[str], classes: list[str], processes: list[str]
) -> Documents:
    rule = tables.rule.c
    matches = (
        or_(rule.equipment.is_(None), rule.equipment == equipment)
        & or_(rule.equipment_class.is_(None), rule.equipment_class.in_(classes))
        & or_(rule.process.is_(None), rule.process.in_(processes))
        & or_(rule.site.is_(None), rule.site.in_(sites))
    )
    return await _rows(connection, tables.rule, matches)


async def _types(connection: AsyncConnection, rules: list[str], certificates: Documents) -> Documents:
    """Those that the rules ask for, and those of the certificates held."""
    named, equivalent = tables.rule_certificate_type.c, tables.certificate_type_equivalent.c
    asked = select(named.certificate_type).where(named.rule.in_(rules))
    held = [one["type"] for one in certificates.values()]
    condition = or_(tables.certificate_type.c.code.in_(asked), tables.certificate_type.c.code.in_(held))
    types = await _rows(connection, tables.certificate_type, condition)
    for one in types.values():
        one["equivalents"] = []
    pairs = select(equivalent.certificate_type, equivalent.equivalent).where(equivalent.certificate_type.in_(list(types)))
    for code, other in (await connection.execute(pairs)).tuples():
        types[code]["equivalents"].append(other)
    return types
