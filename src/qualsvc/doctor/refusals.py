"""What stops a start or a check from outside, as findings: the one place that words it."""

import errno

import asyncpg
from alembic.util.exc import CommandError
from asyncpg.exceptions import TargetServerAttributeNotMatched
from sqlalchemy.exc import DBAPIError

from qualsvc.doctor.findings import Finding, problem
from qualsvc.embedded.faults import EmbeddedPostgresError
from qualsvc.spool.spool import SpoolUnavailableError
from qualsvc.store.errors import DatabaseAway, StoreError

_URL = "QUALSVC_DATABASE_URL"
OWN_DIRECTORY = "mend it, or set QUALSVC_DATA_DIR to a directory of your own"

_BY_DATABASE: tuple[tuple[type[Exception], str, str], ...] = (
    (
        asyncpg.InvalidPasswordError,
        "the database refuses the user or the password",
        f"mend user and password in {_URL}; reserved characters in them are percent-encoded (`@` is `%40`)",
    ),
    (
        asyncpg.InvalidAuthorizationSpecificationError,
        "the database refuses this user",
        f"name another in {_URL}, or have this one made (CREATE ROLE … LOGIN) and let in (pg_hba.conf)",
    ),
    (
        asyncpg.InvalidCatalogNameError,
        "there is no such database",
        f"make it (createdb --encoding UTF8 --template template0 --owner USER NAME), or name another in {_URL}",
    ),
    (
        asyncpg.InsufficientPrivilegeError,
        "the rights of this database user do not suffice",
        "make the user the owner: ALTER DATABASE … OWNER TO …; or grant what is named: GRANT CREATE, USAGE ON SCHEMA …",
    ),
    (
        asyncpg.ReadOnlySQLTransactionError,
        "the database takes no writes",
        f"name the primary in {_URL}; with several hosts add `?target_session_attrs=read-write`",
    ),
    (
        TargetServerAttributeNotMatched,
        "none of the servers named is of the kind asked for",
        f"start the primary, or mend `target_session_attrs` in {_URL}",
    ),
    (asyncpg.DiskFullError, "the disk of the database is full", "free space there; nothing that was committed is lost"),
    (
        asyncpg.DuplicateTableError,
        "the database has tables of others that go by the names of ours",
        f"make a database for qualsvc alone and name it in {_URL}",
    ),
    (
        asyncpg.ClientConfigurationError,
        f"{_URL} cannot be used",
        "mend the parameter it names; they are those of libpq",
    ),
)


def explained(error: BaseException, check: str = "database") -> Finding | None:
    """What a failure means to whoever runs us; None for those that are defects of ours."""
    match error:
        case EmbeddedPostgresError():
            return problem(check, error.what, error.why, error.remedy)
        case DatabaseAway():
            why = str(error.__cause__ or error) or type(error.__cause__).__name__
            return problem(check, "the database does not answer", why, f"start it, or name one that runs in {_URL}")
        case DBAPIError() | asyncpg.PostgresError() | asyncpg.InterfaceError() | asyncpg.InternalClientError():
            return _by_database(error, check)
        case SpoolUnavailableError():
            return problem(check, "answers cannot be put on record", str(error), _by_disk(error.__cause__))
        case StoreError():
            return problem(check, "the database refused", str(error), "see why; nothing was changed")
        case CommandError():
            return problem(check, "the migrations cannot be run", str(error), "install qualsvc anew, or its latest version")
        case BrokenPipeError():
            return None  # whoever read what we print has gone: nobody is left to tell
        case OSError():
            what = f"cannot use `{error.filename}`" if error.filename else "the system refused"
            return problem(check, what, error.strerror or str(error) or type(error).__name__, _by_disk(error))
        case _:
            return None


def _by_database(error: Exception, check: str) -> Finding:
    cause: BaseException = error
    if isinstance(error, DBAPIError) and error.orig is not None:
        cause = error.orig.__cause__ or error.orig
    for sort, what, do in _BY_DATABASE:
        if isinstance(cause, sort):
            return problem(check, what, str(cause), do)
    return problem(check, "the database does not take us", str(cause), f"mend {_URL}, or the database's roles and rights")


def _by_disk(cause: BaseException | None) -> str:
    number = cause.errno if isinstance(cause, OSError) else None
    match number:
        case errno.ENOSPC | errno.EDQUOT | errno.EFBIG:
            return "free space there, or set QUALSVC_DATA_DIR to a directory on a larger disk"
        case errno.EACCES | errno.EPERM:
            return "run as the user who owns that directory, or set QUALSVC_DATA_DIR to a directory of your own"
        case _:
            return OWN_DIRECTORY
