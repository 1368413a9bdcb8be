"""Everything at once, shortly; `make chaos` does it at length."""

import subprocess
import sys

import pytest


@pytest.mark.faults
@pytest.mark.parametrize("seed", [1, 20261121])
def test_twenty_seconds_of_chaos(seed: int) -> None:
    """Two hosts under load, with everything failing that can: nothing that clients saw is wrong."""
    words = [sys.executable, "-m", "tests.chaos", "--minutes", "0.34", "--seed", str(seed)]
    done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=600)
    assert done.returncode == 0, done.stdout + done.stderr
