"""What the supervisor refuses, each in three lines."""

from pathlib import Path

import pytest

from qualsvc.embedded import EmbeddedPostgres, EmbeddedPostgresError

from .owners import is_free


def refusal(place: Path) -> EmbeddedPostgresError:
    with pytest.raises(EmbeddedPostgresError) as refused:
        EmbeddedPostgres(place).start()
    assert len(str(refused.value).splitlines()) == 3
    return refused.value


def test_refuses_another_major_version(place: Path) -> None:
    """Database files of another major version are named with both versions."""
    (place / "cluster" / "PG_VERSION").write_text("14\n")
    assert refusal(place).what.startswith(f"the database in `{place / 'cluster'}` is of PostgreSQL 14, the binaries in")


def test_refuses_a_lost_password(place: Path) -> None:
    """A database without its password file is not guessed at."""
    (place / "password").unlink()
    assert refusal(place).why == f"there is no file `{place / 'password'}`"


def test_tells_why_the_server_ended(place: Path) -> None:
    """A server that ends as it starts is reported with the last lines of its log, and leaves nothing running."""
    (place / "cluster" / "postgresql.conf").write_text("no_such_setting = 1\n")
    error = refusal(place)
    assert error.what == f"the PostgreSQL server of `{place / 'cluster'}` ended as it started"
    assert 'unrecognized configuration parameter "no_such_setting"' in error.why
    assert is_free(place / "server.lock")


def test_refuses_a_file_in_place_of_the_directory(open_dir: Path) -> None:
    """A data directory that is a file is named."""
    (open_dir / "pg").write_text("")
    assert refusal(open_dir / "pg").what == f"cannot use `{open_dir / 'pg'}` for the embedded PostgreSQL"


def test_refuses_binaries_that_do_not_run(open_dir: Path) -> None:
    """Binaries that do not run are named with what they said."""
    (open_dir / "postgres").write_text("#!/bin/sh\necho 'no such processor' >&2; exit 1\n")
    (open_dir / "postgres").chmod(0o755)
    (open_dir / "initdb").symlink_to("postgres")
    with pytest.raises(EmbeddedPostgresError) as refused:
        EmbeddedPostgres(open_dir / "pg", bin_dir=open_dir).start()
    assert "no such processor" in refused.value.why
