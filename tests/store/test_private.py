"""Personal fields in no error: not in the log of the service, not in a response."""

import logging
from collections.abc import Sequence
from pathlib import Path
from traceback import format_exception

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from qualsvc.logs import configure_logs
from qualsvc.store.writing import write
from tests.serving import running
from tests.store.world import CLERK, plant, put

pytestmark = pytest.mark.anyio

PERSONAL = {"name": "Wang Ai\nguo", "phone": "13900001111", "id_number": "330200199001011234"}
SECRETS = ("Wang Ai", "guo", PERSONAL["phone"], PERSONAL["id_number"])


def told(found: str) -> Sequence[str]:
    return [secret for secret in SECRETS if secret in found]


async def refuse(engine: AsyncEngine) -> None:
    """From now on the database refuses whoever has a telephone number."""
    async with engine.begin() as connection:
        await connection.execute(text("ALTER TABLE person_personal ADD CONSTRAINT no_phones CHECK (phone IS NULL) NOT VALID"))


async def test_an_error_of_the_database_names_no_values(engine: AsyncEngine) -> None:
    """It says what was refused by what, and nothing of the row."""
    await write(engine, CLERK, plant())
    await refuse(engine)
    with pytest.raises(DBAPIError, match="no_phones") as caught:
        await write(engine, CLERK, [put("person", **PERSONAL)])
    shown = "".join(format_exception(caught.value)) + repr(caught.value) + repr(caught.value.orig)
    assert [] == told(shown)
    assert "23514" == getattr(caught.value.orig, "sqlstate", None)


async def test_neither_log_nor_response_names_a_person(
    database_url: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """A defect is logged with its traceback, and answered by the id to look for; of whom it was about nobody is told."""
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    async with running(database_url, tmp_path) as service:
        await refuse(service.engine)
        configure_logs("debug")
        try:
            service.client._transport.raise_app_exceptions = False  # type: ignore[attr-defined]
            body = {"employment": "employee", "status": "active"} | PERSONAL
            answer = await service.client.put("/v1/persons/E9", json=body, headers={"X-Request-ID": "r-1"})
        finally:
            root.handlers[:] = before
            root.setLevel(level)
    logged = capfd.readouterr().err
    assert (500, "r-1" in answer.text, "r-1" in logged, "no_phones" in logged) == (answer.status_code, True, True, True)
    assert ([], []) == (told(logged), told(answer.text))
