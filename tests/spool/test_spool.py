"""Appending to the spool: dense, exclusive, all or nothing, and durable when that is asked for."""

import asyncio
import errno
import os
import resource
import shutil
import signal
import stat
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from qualsvc.spool.format import read_entries, segments
from qualsvc.spool.life import clear, lives
from qualsvc.spool.spool import Spool, SpoolUnavailableError, SyncMode


@pytest.fixture
def spool(tmp_path: Path) -> Iterator[Spool]:
    spool = Spool(tmp_path / "spool", b"boot")
    yield spool
    spool.close()


def sequences(spool: Spool) -> list[int]:
    return [entry.sequence for entry in read_entries(spool.path)]


def test_begins_with_the_boot_record(spool: Spool) -> None:
    """A new spool holds its boot record at 0, and the first answer will be 1."""
    ((boot_id, sequence, payload),) = read_entries(spool.path)
    assert (spool.boot_id, 0, b"boot", f"{spool.boot_id}-1") == (boot_id, sequence, payload, spool.next_id())


def test_dense(spool: Spool) -> None:
    """Appends of one, of many and of none leave dense sequences, as `next_id` foretold."""
    assert f"{spool.boot_id}-3" == spool.next_id(2)
    spool.append([b"1"])
    spool.append([])
    spool.append([b"2", b"3"])
    assert [(0, b"boot"), (1, b"1"), (2, b"2"), (3, b"3")] == [entry[1:] for entry in read_entries(spool.path)]
    assert f"{spool.boot_id}-4" == spool.next_id()


def test_on_file_on_return(spool: Spool) -> None:
    """What was appended is in the file for every reader as soon as `append` returns, nothing is kept back."""
    for number in range(1, 20):
        spool.append([b"x" * number])
        assert (number, spool.size) == (sequences(spool)[-1], spool.path.stat().st_size)


def test_two_lives(tmp_path: Path) -> None:
    """Each life of a process has a boot id and a file of its own."""
    spools = [Spool(tmp_path, b"boot") for _ in range(3)]
    assert 3 == len({spool.boot_id for spool in spools}) == len(segments(tmp_path))
    for spool in spools:
        spool.close()


def test_for_its_owner_only(spool: Spool) -> None:
    """Evidence is nobody else's to read."""
    assert (0o600, 0o700) == (spool.path.stat().st_mode & 0o777, spool.path.parent.stat().st_mode & 0o777)


def test_it_lives_while_it_can_grow(tmp_path: Path) -> None:
    """Whoever looks knows whether a boot may still write, and from when on it does not; also when its lock was taken away."""
    spool = Spool(tmp_path, b"boot")
    assert lives(tmp_path, spool.boot_id)
    clear(tmp_path)
    assert lives(tmp_path, spool.boot_id)
    spool.close()
    assert not lives(tmp_path, spool.boot_id)
    spool.path.unlink()
    clear(tmp_path)
    assert [] == list(tmp_path.iterdir())


@pytest.mark.parametrize("files", [1, 100])
def test_no_moment_in_which_it_seems_dead(tmp_path: Path, files: int) -> None:
    """However often a process begins, or begins another file: one who looks all the time never finds nobody there."""
    dead: list[str] = []
    enough = threading.Event()

    def look() -> None:
        while not enough.is_set():
            dead.extend(boot_id for boot_id in segments(tmp_path) if not lives(tmp_path, boot_id))

    looking = threading.Thread(target=look)
    looking.start()
    spools = []
    for _ in range(400 // files):
        spools.append(Spool(tmp_path, b"boot", segment_bytes=1000))
        for _ in range(files - 1):
            spools[-1].append([b"x" * 980])
    enough.set()
    looking.join()
    for spool in spools:
        spool.close()
    assert [] == dead
    assert 400 == sum(len(there) for there in segments(tmp_path).values())


def test_files_that_are_taken_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Within a second it goes on in a file that others can find, under its own lock; while there is no directory it refuses."""
    spool = Spool(tmp_path / "spool", b"boot", max_bytes=10**8)
    spool.append([b"1"])
    for path in (tmp_path / "spool").iterdir():
        path.unlink()
    monkeypatch.setattr("qualsvc.spool.space._LOOK_S", 0)
    spool.append([b"2"])
    assert [2] == [entry.sequence for entry in read_entries(spool.path, 2)]
    assert lives(tmp_path / "spool", spool.boot_id)
    shutil.rmtree(tmp_path / "spool")
    with pytest.raises(SpoolUnavailableError, match="cannot look into"):
        spool.append([b"3"])
    (tmp_path / "spool").mkdir()
    spool.append([b"3"])
    assert [3] == [entry.sequence for entry in read_entries(spool.path, 3)]
    spool.close()


def test_check_leaves_nothing(spool: Spool) -> None:
    """Finding out whether the log is writable leaves the file as it was."""
    spool.append([b"1"])
    before = spool.path.read_bytes()
    spool.check()
    assert before == spool.path.read_bytes()
    spool.append([b"2"])
    assert [0, 1, 2] == sequences(spool)


def test_check_is_not_seen(spool: Spool) -> None:
    """Whoever reads the file meanwhile never finds anything in it but records: it is not touched."""
    spool.append([b"1"])
    before = spool.path.stat()
    for _ in range(3):
        spool.check()
    after = spool.path.stat()
    assert (before.st_mtime_ns, before.st_ctime_ns) == (after.st_mtime_ns, after.st_ctime_ns)
    assert {spool.path.name, f"{spool.boot_id}.life"} == {path.name for path in spool.path.parent.iterdir()}


@contextmanager
def no_more_files(but: int) -> Iterator[None]:
    """The process may open so many files more, and no others."""
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    free = [os.dup(0) for _ in range(but + 1)]
    for file in free:
        os.close(file)
    resource.setrlimit(resource.RLIMIT_NOFILE, (free[-1], limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)


@pytest.mark.parametrize("mode", ["write", "fsync"])
@pytest.mark.parametrize("files", [0, 1])
def test_a_file_that_cannot_be_begun(tmp_path: Path, mode: SyncMode, files: int) -> None:
    """Whatever of it fails, nothing of it is left, and as soon as it can be begun answers go on, each in a file to be found."""
    spool = Spool(tmp_path, b"boot", mode, segment_bytes=1_000)
    spool.append([b"1" * 800])
    with no_more_files(files):
        fails = files == 0 or mode == "fsync"  # one file more is enough where the directory is not synced
        for _ in range(3) if fails else ():
            with pytest.raises(SpoolUnavailableError, match="Too many open files"):
                spool.append([b"2" * 800])
    assert 1 + (files == 1 and fails) == len(segments(tmp_path)[spool.boot_id])
    assert not list(tmp_path.glob(".*"))
    spool.append([b"2" * 800])
    spool.append([b"3"])
    spool.close()
    there = segments(tmp_path)[spool.boot_id]
    assert [0, 1, 2, 3] == [entry.sequence for each in there for entry in read_entries(each.path, each.first)]


def test_what_is_tried_takes_no_room(tmp_path: Path) -> None:
    """Whatever could not be written, and however often it is tried again: nothing of it stays."""
    spool = Spool(tmp_path, b"boot")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, limits[1]))
        with pytest.raises(SpoolUnavailableError):
            spool.append([b"x" * 20_000])
        for _ in range(2):
            with pytest.raises(SpoolUnavailableError):
                spool.check()
            assert 0 == os.fstat(spool._probe).st_size
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, handler)
    spool.check()
    spool.close()


def test_an_error_of_closing_is_no_error_of_writing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As of a network's disk. The descriptor is gone all the same: nothing is written to it again, and nothing is lost."""
    spool = Spool(tmp_path, b"boot", segment_bytes=1_000)
    spool.append([b"1" * 800])
    close = os.close

    def fails(file: int) -> None:
        close(file)
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(os, "close", fails)
    spool.append([b"2" * 800])
    monkeypatch.undo()
    spool.append([b"3" * 800])
    there = segments(tmp_path)[spool.boot_id]
    assert [0, 1, 2, 3] == [entry.sequence for each in there for entry in read_entries(each.path, each.first)]
    spool.close()


def test_no_directory(tmp_path: Path) -> None:
    """A spool that cannot be made says where and why."""
    (tmp_path / "file").write_text("")
    with pytest.raises(SpoolUnavailableError, match=r"no file can be made in `.*/file/spool`: Not a directory"):
        Spool(tmp_path / "file" / "spool", b"boot")


@pytest.mark.anyio
async def test_durable_without_sync(spool: Spool) -> None:
    """In `write` mode nobody waits for a disk."""
    spool.append([b"1"])
    await spool.durable(spool.mark())


@pytest.mark.anyio
async def test_durable_after_a_real_sync(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In `fsync` mode `durable` returns after a sync that began after the append, and not before."""
    spool = Spool(tmp_path, b"boot", "fsync")
    may_sync, synced = threading.Event(), []
    real = os.fsync

    def watched(file: int) -> None:
        assert may_sync.wait(60)
        size = os.fstat(file).st_size
        real(file)
        synced.append(size)

    monkeypatch.setattr(os, "fsync", watched)
    spool.append([b"1"])
    first = asyncio.create_task(spool.durable(spool.mark()))
    for _ in range(20):
        await asyncio.sleep(0)
    assert not first.done()
    spool.append([b"2"])  # the sync under way may not cover this one
    second = asyncio.create_task(spool.durable(spool.mark()))
    may_sync.set()
    await asyncio.gather(first, second)
    assert 2 == len(synced)
    assert spool.size == synced[1]
    spool.close()


@pytest.mark.anyio
async def test_group_commit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One sync serves everybody who wrote before it began: a hundred waiters need two at most."""
    spool = Spool(tmp_path, b"boot", "fsync")
    calls = []
    real = os.fsync

    def counted(file: int) -> None:
        calls.append(file)
        real(file)

    monkeypatch.setattr(os, "fsync", counted)

    async def append(number: int) -> None:
        spool.append([b"%d" % number])
        await spool.durable(spool.mark())

    await asyncio.gather(*(append(number) for number in range(100)))
    assert 1 <= len(calls) <= 2
    assert list(range(101)) == sequences(spool)
    spool.close()


@pytest.mark.anyio
async def test_a_sync_that_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody is told that their answer is safe, nor whoever appended before and asks later; it goes on in another file."""
    monkeypatch.setattr("qualsvc.spool.spool._RENEW_S", 3600)
    spool = Spool(tmp_path, b"boot", "fsync")
    spool.append([b"1"])
    early = spool.mark()
    read_end, write_end = os.pipe()  # a pipe is written to, but cannot be synced
    kept = os.dup(spool._file)
    os.dup2(write_end, spool._file)
    for _ in range(2):
        with pytest.raises(SpoolUnavailableError, match="cannot sync"):
            await spool.durable(early)
        os.dup2(kept, spool._file)  # now a sync would succeed, without what the failed one lost
    first = spool.path
    spool.append([b"2"])
    assert [2] == [entry.sequence for entry in read_entries(spool.path, 2)]
    with pytest.raises(SpoolUnavailableError, match="failed while this was answered"):
        await spool.durable(early)
    await spool.durable(spool.mark())
    spool.check()
    assert [0, 1] == [entry.sequence for entry in read_entries(first)]
    spool.close()
    for file in (read_end, write_end, kept):
        os.close(file)


@pytest.mark.anyio
async def test_a_disk_that_fails_is_tried_once_a_second(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """While it goes on failing there is not another file for each ask; it is not writable, and says so."""
    spool = Spool(tmp_path, b"boot", "fsync")
    failing = True

    def fsync(file: int) -> None:
        if failing and not stat.S_ISDIR(os.fstat(file).st_mode):
            raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(os, "fsync", fsync)
    refused = 0
    for _ in range(50):
        try:
            spool.append([b"x"])
            await spool.durable(spool.mark())
        except SpoolUnavailableError:
            refused += 1
    assert (50, 2) == (refused, len(segments(tmp_path)[spool.boot_id]))
    with pytest.raises(SpoolUnavailableError, match="cannot sync"):
        spool.check()
    failing = False
    monkeypatch.setattr("qualsvc.spool.spool._RENEW_S", 0)
    spool.append([b"y"])
    await spool.durable(spool.mark())
    spool.close()


@pytest.mark.anyio
async def test_cancelled_waiter(tmp_path: Path) -> None:
    """A client that goes away takes nobody's sync with it."""
    spool = Spool(tmp_path, b"boot", "fsync")
    spool.append([b"1"])
    gone, stays = asyncio.create_task(spool.durable(spool.mark())), asyncio.create_task(spool.durable(spool.mark()))
    await asyncio.sleep(0)
    gone.cancel()
    await stays
    assert gone.cancelled() or gone.cancelling()
    spool.close()
