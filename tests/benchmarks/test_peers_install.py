"""Peers are installed one by one, and what cannot be had keeps out no other."""

import sys
from pathlib import Path

import pytest
from benchmarks.peers.__main__ import main
from benchmarks.peers.install import installed, one_by_one, python_missing

STANDS_FOR_PIP = "import sys; sys.exit(sys.argv[1].startswith('cannot-be-had'))"


def test_one_that_cannot_be_had_is_left_out_and_the_others_are_installed(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """Each in a command of its own; comments are none."""
    requirements = tmp_path / "python.txt"
    requirements.write_text("# all of them\none==1.0\ncannot-be-had==2.0\n\nother==3.0\n")
    assert one_by_one([sys.executable, "-c", STANDS_FOR_PIP], requirements) == ["one==1.0", "other==3.0"]
    assert capfd.readouterr().err == "cannot-be-had==2.0 cannot be installed here, and is left out.\n"


def test_an_installer_that_is_not_there_leaves_it_out_too(capfd: pytest.CaptureFixture[str]) -> None:
    """As one that fails."""
    assert not installed("the library", ["/nowhere/pip", "install"])
    assert "the library cannot be installed here" in capfd.readouterr().err


def test_what_is_not_installed_says_how_to_install_it() -> None:
    """The sentence stands in the report."""
    assert python_missing("no-such-engine") == (
        "no-such-engine is not installed; `python -m benchmarks.peers.install` installs it."
    )


def test_a_peer_that_nobody_knows_is_refused_by_name(capsys: pytest.CaptureFixture[str]) -> None:
    """Before the plant is made."""
    with pytest.raises(SystemExit, match="2"):
        main(["nobody"])
    assert "`nobody` is none of casbin, cedar" in capsys.readouterr().err
