"""Directories for real servers, and a look at whether any process of theirs is left."""

import contextlib
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from qualsvc.embedded import EmbeddedPostgres
from tests.places import fast_place

from .owners import end_server, is_free


@contextlib.contextmanager
def clean_directory() -> Iterator[Path]:
    directory = Path(tempfile.mkdtemp(prefix="qualsvc-", dir=fast_place()))
    directory.chmod(0o711)
    yield directory
    left = [lock.parent for lock in directory.glob("**/server.lock") if not is_free(lock)]
    for place in left:
        end_server(place)
    shutil.rmtree(directory)
    assert left == []


@pytest.fixture
def open_dir() -> Iterator[Path]:
    """A directory that every account may enter, unlike pytest's own; afterwards no server may be left under it."""
    with clean_directory() as directory:
        yield directory


@pytest.fixture(scope="session")
def made() -> Iterator[Path]:
    """A stopped database, made once."""
    with clean_directory() as directory:
        with EmbeddedPostgres(directory / "pg"):
            pass
        yield directory / "pg"


@pytest.fixture
def place(made: Path, open_dir: Path) -> Path:
    """A data directory with a stopped database of its own."""
    subprocess.run(["cp", "-a", str(made), str(open_dir / "pg")], check=True)
    return open_dir / "pg"
