"""Cursors of lists: the last code seen, wrapped so that nobody builds them by hand."""

from base64 import urlsafe_b64decode, urlsafe_b64encode

from qualsvc.records.fields import is_code
from qualsvc.records.kinds import Kind


def cursor_after(kind: Kind, code: str) -> str:
    """The cursor of the page that starts after `code`."""
    return urlsafe_b64encode(f"1 {kind.name} {code}".encode()).decode().rstrip("=")


def code_before(kind: Kind, cursor: str) -> str:
    """The code a cursor of this kind's list stands after. Raises ValueError for any text that is no such cursor."""
    decoded = urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4)).decode()
    version, name, code = decoded.split(" ", 2)
    if version != "1" or name != kind.name or not is_code(code) or cursor_after(kind, code) != cursor:
        raise ValueError("not a cursor of this list")
    return code
