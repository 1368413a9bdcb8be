"""The failures that users meet, told in their three lines."""

from collections.abc import Iterator
from contextlib import contextmanager

import asyncpg  # type: ignore[import-untyped]
from sqlalchemy.exc import DBAPIError

from qualsvc.cli.failure import EXIT_USAGE, fail
from qualsvc.embedded.faults import EmbeddedPostgresError
from qualsvc.settings import SettingsError
from qualsvc.spool.spool import SpoolUnavailableError
from qualsvc.store.errors import DatabaseAway, StoreError


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
    except SpoolUnavailableError as error:
        fail("no answer could be put on record", str(error), "mend it, or set QUALSVC_DATA_DIR to a directory of your own")
    except StoreError as error:
        fail("the database refused", str(error), "see above; nothing was changed")
