"""The database server: whether it is one we can run on, and what its clock says."""

import asyncpg

from qualsvc.clocks import Clock
from qualsvc.doctor.findings import Finding, ok, problem, warning
from qualsvc.records.moments import instant_of
from qualsvc.replica.lease import MAX_SKEW

OLDEST_MAJOR = 15
UNUSUAL_SKEW = 500_000
"""Microseconds the clocks may be apart without a word."""
_ROUND_TRIPS = 5


async def server_findings(connection: asyncpg.Connection) -> list[Finding]:
    """What keeps us from running on this server and in this database, else what they are."""
    if is_too_old(connection):
        why = f"the server is PostgreSQL {_version(connection)}; qualsvc takes {OLDEST_MAJOR} and newer"
        do = "upgrade the server (pg_upgrade), or name a newer one in QUALSVC_DATABASE_URL"
        return [problem("database", "the database server is too old", why, do)]
    name, encoding, standby, read_only = await connection.fetchrow(
        "SELECT current_database(), current_setting('server_encoding'), pg_is_in_recovery(),"
        " current_setting('transaction_read_only')::bool"
    )
    faults = []
    if standby:
        why = "its server is a standby, a copy that follows a primary"
        do = "name the primary in QUALSVC_DATABASE_URL; with several hosts add `?target_session_attrs=read-write`"
        faults.append(problem("database", f"the database `{name}` takes no writes", why, do))
    elif read_only:
        why = "it, its user or its server is set to `default_transaction_read_only`"
        do = f"ALTER DATABASE … RESET default_transaction_read_only, for `{name}` or for whatever it was set"
        faults.append(problem("database", f"the database `{name}` takes no writes", why, do))
    if encoding != "UTF8":
        why = "names in Chinese, or in most other scripts, cannot be kept in it"
        do = "make one with `createdb --encoding UTF8 --template template0` and name it in QUALSVC_DATABASE_URL"
        faults.append(problem("database", f"the database `{name}` is in {encoding}, not in UTF8", why, do))
    return faults or [ok("database", f"PostgreSQL {_version(connection)}, database `{name}`, in UTF8")]


def is_too_old(connection: asyncpg.Connection) -> bool:
    """Whether nothing more can be asked of this server."""
    return bool(connection.get_server_version().major < OLDEST_MAJOR)


def _version(connection: asyncpg.Connection) -> str:
    version = connection.get_server_version()  # what PostgreSQL calls the minor version, since 10, stands in `micro`
    return f"{version.major}.{version.micro or version.minor}"


async def clock_findings(connection: asyncpg.Connection, clock: Clock) -> list[Finding]:
    """This host's clock against the database's: how far it is certainly off, whatever a round trip blurs."""
    off, took = min([await _sighted(connection, clock) for _ in range(_ROUND_TRIPS)], key=lambda sighting: sighting[1])
    bound = f"past {MAX_SKEW / 1e6:g} s nothing is answered (503 `clock_skew`)"
    what = f"this host's clock is {abs(off) / 1e6:.1f} s {'ahead of' if off > 0 else 'behind'} the database's"
    do = "have both hosts keep their clocks by NTP; `timedatectl` or `chronyc tracking` on each tells which does not"
    if abs(off) > MAX_SKEW:
        return [problem("clock", what, f"a certificate would end, and a shift begin, at the wrong instant: {bound}", do)]
    if abs(off) > UNUSUAL_SKEW:
        return [warning("clock", what, f"clocks kept by NTP are milliseconds apart, so one of the two drifts; {bound}", do)]
    return [ok("clock", f"as the database's, as far as a round trip of {took * 1000:.1f} ms tells")]


async def _sighted(connection: asyncpg.Connection, clock: Clock) -> tuple[int, float]:
    """Microseconds our clock is ahead of the database's (less than 0: behind) for certain; seconds the look took."""
    began, asked = clock.monotonic(), clock.wall()
    there = instant_of(await connection.fetchval("SELECT clock_timestamp()"))
    answered, ended = clock.wall(), clock.monotonic()
    return max(asked - there, 0) or min(answered - there, 0), ended - began
