"""A command that cannot go on says so in three lines: what, why, what to do."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

import asyncpg  # type: ignore[import-untyped]
from sqlalchemy.exc import DBAPIError

from qualsvc.embedded.faults import EmbeddedPostgresError
from qualsvc.settings import SettingsError
from qualsvc.store.errors import DatabaseAway, StoreError

EXIT_FAILED = 1
EXIT_USAGE = 2


def fail(what: str, why: str, remedy: str, code: int = EXIT_FAILED) -> NoReturn:
    """Print the three lines and leave with `code`."""
    print(f"qualsvc: {what}\n  why: {why}\n  do:  {remedy}", file=sys.stderr)
    raise SystemExit(code)


@contextmanager
def told() -> Iterator[None]:
    """Turn the failures that users meet into their three lines."""
    try:
        yield
    except SettingsError as error:
        fail("the settings are not right", "\n       ".join(str(error).splitlines()), "mend or unset them", EXIT_USAGE)
    except EmbeddedPostgresError as error:
        fail(error.what, error.why, error.remedy)
    except DatabaseAway as error:
        fail("no database", str(error), "start it, or set QUALSVC_DATABASE_URL to one that runs")
    except (DBAPIError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        why = str(error.orig if isinstance(error, DBAPIError) else error)
        fail("the database does not take us", why, "mend QUALSVC_DATABASE_URL, or the database's roles and rights")
    except StoreError as error:
        fail("the database refused", str(error), "see above; nothing was changed")
