"""What is remembered of queries that were read."""

from qualsvc.ask.asked import read_query

_QUERY = b"person=E1&equipment=FORK-07&process=LOADING"


def test_a_query_is_read_once() -> None:
    """Doors ask the same again and again, which is not read anew."""
    assert read_query(_QUERY) is read_query(bytes(bytearray(_QUERY)))


def test_a_long_query_is_read_and_not_kept() -> None:
    """Long names would fill the memory with what nobody asks again."""
    long = b"person=E1&process=LOADING&equipment=" + b"%F0%9F%98%80" * 256
    first, again = read_query(long), read_query(long)
    assert first == again
    assert first is not again
