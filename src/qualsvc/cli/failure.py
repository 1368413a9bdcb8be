"""A command that cannot go on says so in three lines: what, why, what to do."""

import sys
from typing import NoReturn

EXIT_FAILED = 1
EXIT_USAGE = 2


def say(line: str) -> None:
    """Tell the person at the terminal, apart from what the command is asked to print."""
    print(line, file=sys.stderr, flush=True)


def fail(what: str, why: str, remedy: str, code: int = EXIT_FAILED) -> NoReturn:
    """Print the three lines and leave with `code`."""
    print(f"qualsvc: {what}\n  why: {why}\n  do:  {remedy}", file=sys.stderr)
    raise SystemExit(code)
