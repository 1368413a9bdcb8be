"""Every command that runs a service, or works on its database."""

import typer

from qualsvc.cli import db, keys
from qualsvc.cli.demo import demo
from qualsvc.cli.doctor import doctor
from qualsvc.cli.openapi import openapi
from qualsvc.cli.serve import serve


def add_commands(program: typer.Typer) -> None:
    """Add them to the program."""
    program.command()(serve)
    program.command()(demo)
    program.command()(doctor)
    program.command()(openapi)
    program.add_typer(keys.commands, name="keys")
    program.add_typer(db.commands, name="db")
