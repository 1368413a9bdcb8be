"""`qualsvc openapi`: the contract as an OpenAPI document."""

import difflib
import json
import re
from pathlib import Path
from typing import Annotated

import typer

from qualsvc.app import Service
from qualsvc.cli.failure import fail
from qualsvc.openapi.differences import differences, fingerprint
from qualsvc.openapi.document import document
from qualsvc.settings import Settings

_SHOWN = 60
_NAMED = re.compile(r"API document: `([0-9a-f]{12})`")


def openapi(
    check: Annotated[Path | None, typer.Option(help="Compare with this file and show the difference.")] = None,
    changelog: Annotated[Path | None, typer.Option(help="With --check: a changelog that must name the document.")] = None,
    write: Annotated[Path | None, typer.Option(help="Write it to this file.")] = None,
) -> None:
    """Print the OpenAPI document of this version."""
    text = openapi_text()
    if write is not None:
        write.write_text(text, encoding="utf-8")
        print(f"wrote {write}; {line_for_changelog(text)}")
    elif check is not None:
        _compare(check, text)
        print(f"{check} is up to date")
        if changelog is not None:
            _require_named(changelog, text)
            print(f"{changelog} names it")
    else:
        print(text, end="")


def openapi_text() -> str:
    """The document as it is committed: sorted as made, indented, with a final newline."""
    nowhere = Settings.model_construct(database_url="postgresql://nowhere/nothing")
    made = document(Service(nowhere, "postgresql://nowhere/nothing").web)
    return json.dumps(made, ensure_ascii=False, indent=1) + "\n"


def line_for_changelog(text: str) -> str:
    """What the changelog says of this document."""
    return f"API document: `{fingerprint(text)}`"


def named_in(changelog: str) -> list[str]:
    """The fingerprints that the newest section of a changelog names."""
    newest = re.split(r"^## ", changelog, flags=re.MULTILINE)[1:2]
    return _NAMED.findall("".join(newest))


def _compare(known: Path, text: str) -> None:
    before = known.read_text(encoding="utf-8") if known.exists() else "{}"
    if before == text:
        return
    print("\n".join(differences(json.loads(before), json.loads(text))), end="\n\n")
    lines = list(difflib.unified_diff(before.splitlines(), text.splitlines(), str(known), "this code", lineterm=""))
    print("\n".join(lines[:_SHOWN]))
    fail(
        "the OpenAPI document has changed",
        f"{len(lines)} lines of difference to `{known}`, the first are above",
        f"if that is meant, write it anew with `make openapi` and say in CHANGELOG.md what changed: {line_for_changelog(text)}",
    )


def _require_named(changelog: Path, text: str) -> None:
    named = named_in(changelog.read_text(encoding="utf-8"))
    wanted = line_for_changelog(text)
    if named == [fingerprint(text)]:
        return
    place = f"in place of `{named[0]}`" if named else "on a line of its own"
    fail(
        f"{changelog} does not tell of this OpenAPI document",
        f"its newest section names {', '.join(named) or 'none'}; a changed document is not to land without a word",
        f"say there what changed for them, and {place}: {wanted}",
    )
