"""docs/settings.md has every setting, with its default."""

import re

import pytest

from qualsvc.cli.ask import DEFAULT_URL
from qualsvc.settings import CLIENT_VARIABLES, PREFIX, TEST_VARIABLES, Settings, load_settings
from tests.docs.pages import DOCS, PAGES

PAGE = DOCS / "settings.md"
MADE = {"data_dir": "`/var/lib/qualsvc` for root, else `~/.local/share/qualsvc`"}
"""Defaults that depend on who runs it, as the page says them."""


def documented() -> dict[str, tuple[str, str]]:
    """Per variable of the table: its default and its meaning."""
    rows = [line.strip("|").split("|", 2) for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("| `")]
    return {name.strip(" `"): (default.strip(), meaning.strip()) for name, default, meaning in rows}


def shown(name: str) -> str:
    """The default of a setting as the page is to show it."""
    default = Settings.model_fields[name].default
    if name in MADE:
        return MADE[name]
    return "unset" if default is None else str(default)


@pytest.mark.parametrize("name", Settings.model_fields)
def test_every_setting_is_documented(name: str) -> None:
    """It is in the table, with its default and what it means."""
    default, meaning = documented()[PREFIX + name.upper()]
    assert shown(name) == default.strip("`") or shown(name) == default
    assert meaning


def test_none_is_documented_that_does_not_exist() -> None:
    """The table names no setting the start would refuse."""
    assert {PREFIX + name.upper() for name in Settings.model_fields} == documented().keys()


def test_variables_of_the_client() -> None:
    """What `qualsvc ask` reads is named, with where it asks by default where that is said."""
    text = PAGE.read_text(encoding="utf-8")
    assert [] == [name for name in CLIENT_VARIABLES if f"`{name}`" not in text]
    assert DEFAULT_URL in text


def test_every_variable_named_anywhere_exists() -> None:
    """No page names a setting that is misspelt or gone; one that Kubernetes injects is named as the example it is."""
    known = documented().keys() | CLIENT_VARIABLES | TEST_VARIABLES | {"QUALSVC_PORT"}
    named = {name for page in PAGES for name in re.findall(rf"{PREFIX}[A-Z_]+", page.read_text(encoding="utf-8"))}
    assert set() == named - known


@pytest.mark.parametrize("name", [name for name in Settings.model_fields if name not in MADE and shown(name) != "unset"])
def test_the_default_can_be_given(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A setting set to what the page shows is as if it were not set."""
    variable = PREFIX + name.upper()
    monkeypatch.delenv(variable, raising=False)
    unset = load_settings({})
    monkeypatch.setenv(variable, shown(name))
    assert unset == load_settings({variable: shown(name)})
