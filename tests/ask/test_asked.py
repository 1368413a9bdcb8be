"""Queries and batches that are read the quick way."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qualsvc.ask.asked import read_object, read_plain, read_query

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


def _batch(*questions: str) -> bytes:
    return ('{"questions":[' + ",".join(questions) + "]}").encode()


_PLAIN = '{"person":"E1","equipment":"FORK-07","process":"LOADING"}'
_PERSON = '"person":"E1"'
_NOT_PLAIN = [
    b"",
    b"null",
    _batch(_PLAIN) + b"]",
    b"\xef\xbb\xbf" + _batch(_PLAIN),
    b'{"questions":[],"questions":[]}',
    b'{"questions":[],"more":1}',
    _batch("null"),
    _batch("{}"),
    *(
        _batch(_PLAIN, _PLAIN.replace(_PERSON, other))
        for other in (
            '"person":"E1","person":"E2"',
            '"person" :"E1", "person" :"E2"',
            '"badge":"E1"',
            '"person":"E1","at":"2026-01-01T00:00:00Z"',
            '"person":null',
            '"person":1',
            '"person":["E1"]',
            '"person":""',
            '"person":"' + "E" * 257 + '"',
            '"person":"E:1"',
            r'"person":"\u0045"',
            r'"person":"\u0000"',
            '"person":"\0"',
            '"person":"\n"',
            '"person":NaN',
        )
    ),
    _batch(_PLAIN).replace(b"E1", b"\xff"),
    _batch(_PLAIN).replace(b"E1", b"\xed\xa0\x80"),
    _batch(*([_PLAIN] * 20_000)),
]


@pytest.mark.parametrize("body", _NOT_PLAIN)
def test_what_is_more_than_three_codes_is_not_read_as_if_it_were_plain(body: bytes) -> None:
    """Whatever needs a closer look, or is wrong, is left to the reader that can say why."""
    assert read_plain(body) is None


@given(st.lists(st.lists(st.text(max_size=3), min_size=3, max_size=3), max_size=4))
def test_a_plain_batch_reads_as_each_question_alone(codes: list[list[str]]) -> None:
    """Where it is read the quick way, it says what the slow one says."""
    documents = [dict(zip(("person", "equipment", "process"), three, strict=True)) for three in codes]
    found = read_plain(json.dumps({"questions": documents}, ensure_ascii=False).encode("utf-8", "surrogatepass"))
    if found is not None:
        assert found == [read_object(document) for document in documents]
    elif all(each.isalnum() for three in codes for each in three):
        pytest.fail("plain codes were not read as such")
