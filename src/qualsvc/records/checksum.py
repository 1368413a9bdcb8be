"""One number for everything that replicas hold: the sum of a digest of each record, in whatever order they come.

A sum, because a change then costs two digests and not a look at everything; of 128 bits each, because records that differ by
accident must never sum up alike. It finds what got lost or was altered, not who forges with intent: see docs/audit.md for that.
"""

from collections.abc import Iterable, Mapping
from hashlib import blake2b
from typing import Any

import msgspec

EMPTY = 0
"""The checksum of nothing."""
FORM = 1
"""Of the documents summed up. Counted up with each change of what they say, or every ledger would seem to have been altered."""
_BYTES = 16
_MODULUS = 1 << (8 * _BYTES)
# The database gives the keys inside a field back in another order than they came.
_encode = msgspec.json.Encoder(order="deterministic").encode


def digest(kind: str, document: Mapping[str, Any]) -> int:
    """Of one record: its kind and its document without personal fields."""
    return int.from_bytes(blake2b(b"%b\0%b" % (kind.encode(), _encode(document)), digest_size=_BYTES).digest())


def plus(checksum: int, kind: str, documents: Iterable[Mapping[str, Any]]) -> int:
    """The checksum with these records of one kind besides."""
    return (checksum + sum(digest(kind, document) for document in documents)) % _MODULUS


def changed(checksum: int, kind: str, before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> int:
    """The checksum once a record that replicas hold has gone from `before` to `after`; null where there is none."""
    if before is not None:
        checksum -= digest(kind, before)
    if after is not None:
        checksum += digest(kind, after)
    return checksum % _MODULUS


def difference(one: int, other: int) -> int:
    """What `other` has that `one` lacks; 0 where they agree."""
    return (other - one) % _MODULUS


def written(checksum: int) -> str:
    """As the database keeps it and people read it: the form, and 32 hexadecimal digits."""
    return f"{FORM}:{checksum:0{2 * _BYTES}x}"


def read(revision: int, text: str | None) -> int | None:
    """The checksum at a revision, from what is kept of it; null where nothing is that we could compare with."""
    if revision == 0:
        return EMPTY
    form, _, digits = (text or "").partition(":")
    return int(digits, 16) if form == str(FORM) else None
