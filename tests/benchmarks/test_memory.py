"""The service over a plant that no database holds leaves nothing behind."""

import sys
from pathlib import Path

import pytest
from benchmarks.processes import free_port, running

STOPPED_S = 30


@pytest.mark.parametrize("is_told", [True, False], ids=["told to end", "whoever measured is gone"])
def test_its_spool_goes_with_it(tmp_path: Path, is_told: bool) -> None:
    """Answers were put on file as in a service; the directory is gone when the process is."""
    port = free_port()
    command = [sys.executable, "-m", "benchmarks.memory", str(port), "20", "1"]
    with running(command, port, "/livez", {"TMPDIR": str(tmp_path)}, talking=True) as process:
        assert [each.name.startswith("qualsvc-bench-") for each in tmp_path.iterdir()] == [True]
        if not is_told:
            assert process.stdin is not None
            process.stdin.close()
            process.wait(STOPPED_S)
    assert list(tmp_path.iterdir()) == []
