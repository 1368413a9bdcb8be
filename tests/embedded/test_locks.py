"""The locks against pyproject.toml."""

import json
import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
GROUPS = PROJECT["dependency-groups"]
BUILD = GROUPS["build"]
CLIENTS = GROUPS["clients"]
RUNTIME = [*PROJECT["project"]["dependencies"], *PROJECT["project"]["optional-dependencies"]["embedded"]]
DEV = [*RUNTIME, *BUILD, *(line for line in GROUPS["dev"] if isinstance(line, str))]

ASKED = pytest.mark.parametrize(("name", "asked"), [("runtime", RUNTIME), ("build", BUILD), ("dev", DEV), ("clients", CLIENTS)])


def locked(name: str) -> dict[str, str]:
    """Version by package of the lock requirements/`name`.txt."""
    pins = re.findall(r"^([\w.-]+)(?:\[[\w,-]+\])?==(\S+)", (ROOT / "requirements" / f"{name}.txt").read_text(), re.MULTILINE)
    return {canonicalize_name(package): version for package, version in pins}


@ASKED
def test_a_lock_satisfies_what_is_asked(name: str, asked: list[str]) -> None:
    """Each asked package is locked at a version that was asked for; else `make lock` was forgotten."""
    pins = locked(name)
    requirements = [Requirement(line) for line in asked]
    unmet = [str(one) for one in requirements if pins.get(canonicalize_name(one.name), "0") not in one.specifier]
    assert unmet == []


@ASKED
def test_a_lock_asks_for_nothing_else(name: str, asked: list[str]) -> None:
    """A package no longer asked for is no longer locked in our name."""
    text = (ROOT / "requirements" / f"{name}.txt").read_text()
    pins = re.split(r"^(?=\w)", text, flags=re.MULTILINE)
    ours = {canonicalize_name(re.split(r"[\[=]", pin)[0]) for pin in pins if "pyproject.toml" in pin}
    assert ours == {canonicalize_name(Requirement(line).name) for line in asked}


@pytest.mark.parametrize("name", ["runtime", "build", "dev", "clients"])
def test_a_lock_names_no_address(name: str) -> None:
    """No index and no download address stands in a lock, and every pin has hashes."""
    text = (ROOT / "requirements" / f"{name}.txt").read_text()
    assert re.findall(r"://|^\s*-(?!-hash)|@ ", text, re.MULTILINE) == []
    assert len(re.findall(r"^[\w.-]+(?:\[.*?\])?==.* \\\n +--hash=sha256:", text, re.MULTILINE)) == len(locked(name))


def test_the_lock_of_the_tools_names_no_address() -> None:
    """Neither does that of the npm tools of `make clients`, whose every package has a hash."""
    packages = json.loads((ROOT / "clients" / "package-lock.json").read_text())["packages"]
    assert [] == [name for name, told in packages.items() if "resolved" in told or (name and "integrity" not in told)]


def test_the_locks_agree() -> None:
    """A package has the same version in every lock whose packages meet in one environment."""
    dev = locked("dev")
    assert locked("runtime").items() | locked("build").items() <= dev.items()
