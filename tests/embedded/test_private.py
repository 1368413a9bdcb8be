"""The log of the embedded server names nobody."""

from pathlib import Path

import asyncpg
import pytest

from qualsvc.embedded import EmbeddedPostgres

from .owners import ask


def test_what_was_refused_is_not_in_the_log(place: Path) -> None:
    """A statement that fails is logged by what refused it, without the row and without the statement."""
    with EmbeddedPostgres(place) as dsn:
        ask(dsn, "create table person (name text constraint none_at_all check (name is null))")
        with pytest.raises(asyncpg.CheckViolationError, match="Failing row"):
            ask(dsn, "insert into person values ('Wang Aiguo')")
    log = (place / "server.log").read_text()
    assert (True, False, False) == tuple(each in log for each in ("none_at_all", "Wang Aiguo", "insert into"))
