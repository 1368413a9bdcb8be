"""The program with its commands."""

from collections.abc import Sequence
from importlib import import_module, metadata
from typing import Annotated, Any

import typer

_COMMANDS = {
    "serve": "serve:serve",
    "demo": "demo:demo",
    "ask": "ask:ask",
    "doctor": "doctor:doctor",
    "openapi": "openapi:openapi",
}
_GROUPS = {"keys": "keys:commands", "db": "db:commands", "audit": "audit:commands"}


def program(beginning: Sequence[str]) -> typer.Typer:
    """The program for a command line that begins with these words."""
    made = typer.Typer(
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        help="May this person operate this equipment for this process, why, and until when?",
    )
    made.callback()(_options)
    # Imported as it is wanted: one question is not to wait seconds for all that a service is made of. The doctor has it all,
    # to find what does not load.
    alone = {*_COMMANDS, *_GROUPS, "--version"} - {"doctor"}
    wanted = beginning if alone.issuperset(beginning) else ()
    for name, place in _COMMANDS.items():
        if not wanted or name in wanted:
            made.command(name)(_imported(place))
    for name, place in _GROUPS.items():
        if not wanted or name in wanted:
            made.add_typer(_imported(place), name=name)
    return made


def _imported(place: str) -> Any:
    module, _, name = place.partition(":")
    return getattr(import_module(f"qualsvc.cli.{module}"), name)


def _version(asked: bool) -> None:
    if asked:
        print(f"qualsvc {metadata.version('qualsvc')}")
        raise typer.Exit


def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    pass
