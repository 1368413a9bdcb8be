"""The room of the log: what waits to be shipped has a bound, is told in time, and makes room again by itself."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from qualsvc.spool.format import read_entries, segments
from qualsvc.spool.space import KEPT_FREE, WARN_AT, Space
from qualsvc.spool.spool import Spool, SpoolUnavailableError


def test_full_and_empty_again(tmp_path: Path) -> None:
    """Past its bound nothing is appended and nothing is lost; once files are shipped away it goes on, in the same sequence."""
    spool = Spool(tmp_path, b"boot", max_bytes=20_000, segment_bytes=4_000)
    with pytest.raises(SpoolUnavailableError, match=r"is full: [\d,]+ of 20,000 bytes wait to be shipped"):
        _fill(spool)
    last = spool.sequence
    for _ in range(3):
        with pytest.raises(SpoolUnavailableError):
            spool.append([b"x" * 500])
        with pytest.raises(SpoolUnavailableError):
            spool.check()
    files = segments(tmp_path)[spool.boot_id]
    assert list(range(last + 1)) == [entry.sequence for one in files for entry in read_entries(one.path, one.first)]
    for one in files[:-1]:
        one.path.unlink()
    spool.append([b"x" * 500])
    spool.check()
    assert last + 1 == spool.sequence
    spool.close()


def _fill(spool: Spool) -> None:
    while True:
        spool.append([b"x" * 500])


def test_others_count_too(tmp_path: Path) -> None:
    """What other processes have put there takes room; what is written here counts at once, what is there is seen in time."""
    (tmp_path / "other.spool").write_bytes(bytes(6_000))
    seconds = [0.0]
    clock: Callable[[], float] = lambda: seconds[0]  # noqa: E731
    space = Space(tmp_path, 10_000, clock)
    assert (6_000, 10_000) == space.room()
    space.wrote(1_500)
    assert WARN_AT <= space.room().ratio
    (tmp_path / "other.spool").unlink()
    assert 7_500 == space.room().used
    seconds[0] += 1
    assert 0 == space.room().used


def test_a_small_disk_is_the_bound(tmp_path: Path) -> None:
    """Where the disk has less room than may be used, its room is what counts."""
    there = Space(tmp_path, None).room().limit  # others write to the disk meanwhile
    assert pytest.approx(there, rel=0.05) == Space(tmp_path, 10**18).room().limit


def test_some_room_is_kept_free(tmp_path: Path) -> None:
    """Of a full disk so much that another file can be begun: only a file that is over can be shipped away."""
    there = os.statvfs(tmp_path)
    free = there.f_bavail * there.f_frsize
    assert pytest.approx(free - KEPT_FREE, rel=0.05) == Space(tmp_path, None).room().limit


def test_a_small_room_is_divided(tmp_path: Path) -> None:
    """So what is shipped makes room soon."""
    spool = Spool(tmp_path, b"boot", max_bytes=80_000)
    for number in range(20):
        spool.append([b"%d" % number * 1500])
    assert 3 <= len(segments(tmp_path)[spool.boot_id])
    spool.close()


@pytest.mark.anyio
async def test_files_left_behind_are_synced(tmp_path: Path) -> None:
    """In `fsync` mode a sync covers what was written to the file before the last one."""
    spool = Spool(tmp_path, b"boot", "fsync", segment_bytes=1_000)
    for number in range(10):
        spool.append([b"%d" % number * 200])
    assert [] != spool._left
    await spool.durable(spool.mark())
    assert [] == spool._left
    spool.close()
