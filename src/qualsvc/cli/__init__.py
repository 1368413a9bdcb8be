"""The command line."""

import sys

import typer

from qualsvc.cli.ask import ask


def main() -> None:
    """Entry point of the `qualsvc` command."""
    program = typer.Typer(
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        help="May this person operate this equipment for this process, why, and until when?",
    )
    if sys.argv[1:2] == ["ask"]:
        program.callback()(lambda: None)  # or else the only command would need no name
    else:
        # Imported only here: one question is not to wait seconds for all that a service is made of.
        from qualsvc.cli.commands import add_commands  # noqa: PLC0415

        add_commands(program)
    program.command()(ask)
    program()
