"""What can go wrong with the embedded PostgreSQL, told in three lines."""

from pathlib import Path

TAIL_LINES = 6


class EmbeddedPostgresError(RuntimeError):
    """The embedded PostgreSQL cannot do what was asked.

    Three lines: `what` failed, `why`, and the `remedy`; each is one line, whatever it is made from.
    """

    def __init__(self, what: str, why: str, remedy: str) -> None:
        self.what, self.why, self.remedy = (" ".join(text.split()) for text in (what, why, remedy))
        super().__init__(f"{self.what}\nwhy: {self.why}\nwhat to do: {self.remedy}")


def log_tail(log: Path, offset: int = 0) -> str:
    """The last lines that `log` gained from byte `offset` on, in one line."""
    try:
        with log.open("rb") as file:
            file.seek(offset)
            lines = file.read().decode(errors="replace").splitlines()
    except OSError as error:
        return f"its log `{log}` cannot be read: {error.strerror}"
    return " | ".join(line.strip() for line in lines[-TAIL_LINES:] if line.strip()) or "its log is empty"
