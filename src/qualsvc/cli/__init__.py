"""The command line."""

import typer

from qualsvc.cli import db, keys
from qualsvc.cli.ask import ask
from qualsvc.cli.demo import demo
from qualsvc.cli.openapi import openapi
from qualsvc.cli.serve import serve


def main() -> None:
    """Entry point of the `qualsvc` command."""
    program = typer.Typer(
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        help="May this person operate this equipment for this process, why, and until when?",
    )
    program.command()(serve)
    program.command()(demo)
    program.command()(ask)
    program.command()(openapi)
    program.add_typer(keys.commands, name="keys")
    program.add_typer(db.commands, name="db")
    program()
