"""The program with its commands."""

from collections.abc import Sequence
from importlib import metadata
from typing import Annotated

import typer

from qualsvc.cli.ask import ask


def program(beginning: Sequence[str]) -> typer.Typer:
    """The program for a command line that begins with these words."""
    made = typer.Typer(
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        help="May this person operate this equipment for this process, why, and until when?",
    )
    made.callback()(_options)
    if list(beginning) not in (["ask"], ["--version"]):
        # Imported only here: one question is not to wait seconds for all that a service is made of.
        from qualsvc.cli.commands import add_commands  # noqa: PLC0415

        add_commands(made)
    made.command()(ask)
    return made


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
