"""A full disk stops answers, never evidence; with space back, answers come back by themselves."""

import json
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.fixture
def told(database_url: str, tmp_path: Path) -> dict[str, dict[str, list[object]]]:
    """What a service said while its disk was full, by what there was at the time."""
    command = [sys.executable, "-m", "tests.spool.full_disk", database_url, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    assert 0 == done.returncode, done.stderr
    lines = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    return {line["what"]: line for line in lines}


def test_full_disk(told: dict[str, dict[str, list[object]]]) -> None:
    """Asks, batches and `/readyz` are 503 `audit_unavailable` while a record does not fit, and 200 as soon as it does."""
    assert [200, 200, 200] == told["space"]["statuses"]
    for what in ("0 bytes left", "1 bytes left", "24 bytes left", "300 bytes left"):
        assert [503, 503, 503] == told[what]["statuses"]
        assert ["audit_unavailable"] * 3 == told[what]["codes"]
        # Nothing was numbered, and nothing half is left.
        assert told["space"]["sequence"] == told[what]["sequence"]
        assert told["space"]["on_file"] == told[what]["on_file"]
    assert [200] == told["ready again"]["statuses"]
    assert [200, 200, 200] == told["space again"]["statuses"]
    again = told["space again"]
    assert list(range(9)) == again["on_file"]
    assert [f"{again['boot_id']}-{sequence}" for sequence in (5, 6, 7, 8)] == again["ids"]
