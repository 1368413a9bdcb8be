"""A changed document is shown and told of."""

import json
from pathlib import Path

import pytest

from qualsvc.cli.openapi import line_for_changelog, named_in, openapi
from qualsvc.openapi.differences import differences, fingerprint
from tests.openapi.reading import COMMITTED, DOCUMENT, TEXT

CHANGELOG = COMMITTED.parents[1] / "CHANGELOG.md"
TOLD = f"# Changelog\n\n## Unreleased\n\n- A field. {line_for_changelog(TEXT)}\n\n## 0.1.0\n\n- API document: `000000000000`\n"


def test_the_changelog_names_the_document() -> None:
    """CHANGELOG.md's newest section has the line that `make openapi` prints; whoever changes the document says what changed."""
    assert [fingerprint(TEXT)] == named_in(CHANGELOG.read_text(encoding="utf-8"))


def test_a_changed_document_is_shown(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The check names operations and fields that came, went or changed, then the lines, then what to do."""
    before = json.loads(TEXT)
    before["paths"]["/v1/gone"] = {"get": {}}
    del before["paths"]["/v1/sites"]
    del before["components"]["schemas"]["Site"]["properties"]["time_zone"]
    known = tmp_path / "openapi.json"
    known.write_text(json.dumps(before, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    with pytest.raises(SystemExit):
        openapi(check=known)
    told = capsys.readouterr()
    assert ["- GET /v1/gone", "+ GET /v1/sites", "~ Site: `time_zone`  (schemas)", ""] == told.out.splitlines()[:4]
    assert '+  "/v1/sites": {' in told.out
    assert ["qualsvc: the OpenAPI document has changed"] == told.err.splitlines()[:1]
    assert line_for_changelog(TEXT) in told.err


def test_an_untold_change_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A changelog whose newest section names another document, or none, is refused with the line to put there."""
    for text, named in (
        ("# Changelog\n\n## Unreleased\n\n- Nothing.\n", "none"),
        (TOLD.replace(fingerprint(TEXT), "0" * 12), "0"),
    ):
        changelog = tmp_path / "CHANGELOG.md"
        changelog.write_text(text, encoding="utf-8")
        with pytest.raises(SystemExit):
            openapi(check=COMMITTED, changelog=changelog)
        told = capsys.readouterr().err
        assert f"names {named}" in told
        assert line_for_changelog(TEXT) in told


def test_a_change_that_is_told_of_passes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The newest section alone counts: what older ones name is history."""
    changelog = tmp_path / "CHANGELOG.md"
    changelog.write_text(TOLD, encoding="utf-8")
    openapi(check=COMMITTED, changelog=changelog)
    assert f"{changelog} names it" in capsys.readouterr().out


def test_a_document_is_not_different_from_itself() -> None:
    """Nothing is said where nothing changed."""
    assert [] == differences(DOCUMENT, DOCUMENT)
