"""`qualsvc openapi`: the contract as an OpenAPI document."""

import difflib
import json
from pathlib import Path
from typing import Annotated

import typer

from qualsvc.app import Service
from qualsvc.cli.failure import fail
from qualsvc.settings import Settings

_SHOWN = 60


def openapi(
    check: Annotated[Path | None, typer.Option(help="Compare with this file and show the difference.")] = None,
    write: Annotated[Path | None, typer.Option(help="Write it to this file.")] = None,
) -> None:
    """Print the OpenAPI document of this version."""
    document = openapi_text()
    if write is not None:
        write.write_text(document, encoding="utf-8")
        print(f"wrote {write}")
    elif check is not None:
        known = check.read_text(encoding="utf-8") if check.exists() else ""
        if known != document:
            lines = list(difflib.unified_diff(known.splitlines(), document.splitlines(), str(check), "this code", lineterm=""))
            print("\n".join(lines[:_SHOWN]))
            fail(
                "the OpenAPI document has changed",
                f"{len(lines)} lines of difference to `{check}`, the first are above",
                f"if that is meant: `qualsvc openapi --write {check}`, and a line in CHANGELOG.md",
            )
        print(f"{check} is up to date")
    else:
        print(document, end="")


def openapi_text() -> str:
    """The document as it is committed: sorted as made, indented, with a final newline."""
    nowhere = Settings.model_construct(database_url="postgresql://nowhere/nothing")
    return json.dumps(Service(nowhere, "postgresql://nowhere/nothing").web.openapi(), ensure_ascii=False, indent=1) + "\n"
