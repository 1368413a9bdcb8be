"""Cursors of lists: the last one seen, wrapped so that nobody builds them by hand."""

from base64 import urlsafe_b64decode, urlsafe_b64encode

from qualsvc.records.fields import is_code
from qualsvc.records.kinds import Kind

_VERSION = "1"


def cursor_after(kind: Kind, code: str) -> str:
    """The cursor of the page that starts after `code`."""
    return wrap(kind.name, code)


def code_before(kind: Kind, cursor: str) -> str:
    """The code a cursor of this kind's list stands after. Raises ValueError for any text that is no such cursor."""
    code = unwrap(kind.name, cursor)
    if not is_code(code):
        raise ValueError("not a cursor of this list")
    return code


def wrap(of: str, last: str) -> str:
    """A cursor of the list `of` (one word) that stands after `last`."""
    return urlsafe_b64encode(f"{_VERSION} {of} {last}".encode()).decode().rstrip("=")


def unwrap(of: str, cursor: str) -> str:
    """What a cursor of the list `of` stands after. Raises ValueError for any text that is no such cursor."""
    decoded = urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4)).decode()
    version, name, last = decoded.split(" ", 2)
    if version != _VERSION or name != of or wrap(of, last) != cursor:
        raise ValueError("not a cursor of this list")
    return last
