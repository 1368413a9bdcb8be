"""Which request goes in which lane, and how wide each lane is."""

import re
from collections.abc import Iterator

from qualsvc.http.lanes import Lane
from qualsvc.store.engine import READING, WRITING

_REPORT, _KNOWN, _BULK = 3, 2, 2
_LOOK = 1  # the one query for all writes that wait for replicas, which is in no lane
_WRITE = WRITING.most - _BULK - _REPORT - _LOOK
_READ = READING.most - _REPORT - _KNOWN - _WRITE - _BULK
"""INVARIANT: no lane waits for a connection that another holds.

Each request has at most one connection at a time. Every lane but those of asks from memory may read: reports, asks about
what was known, reads, and writes besides, to tell what they warn of. Writes, bulks and one report may write, which is a rule's
questions being kept. So what may read is as wide as the one pool, and what may write as the other. Only a write that has
left its lane, to wait for replicas, may have to wait for a connection when it goes on, to read what it tells besides.
"""
assert min(_WRITE, _READ) > 0, "the pools are too small for the lanes"

REPORTS = (
    ("GET", "/v1/decisions"),
    ("GET", "/v1/decisions/export"),
    ("GET", "/v1/decisions/counts"),
    ("POST", "/v1/decisions/{decision_id}/replay"),
    ("GET", "/v1/rules/coverage"),
    ("POST", "/v1/rules/{code}/test"),
    ("GET", "/v1/rules/{code}/test/history"),
    ("GET", "/v1/incidents/{code}"),
    ("POST", "/v1/incidents"),  # it waits for answers that are still on their way into the log
    ("GET", "/v1/persons/{code}/state"),
    ("GET", "/v1/sites/{code}/present"),
    ("GET", "/v1/{kind}/{code}/history"),
)
"""What may take seconds, by method and path; a name in braces stands for any one part of a path."""
_BULKS = (("POST", "/v1/bulk"),)


def _pattern(operations: tuple[tuple[str, str], ...]) -> re.Pattern[str]:
    return re.compile("|".join(f"{method} {re.sub(r'{[a-z_]+}', '[^/]+', path)}" for method, path in operations))


_REPORT_PATTERN, _BULK_PATTERN = _pattern(REPORTS), _pattern(_BULKS)


class Traffic:
    """The lanes of one process."""

    def __init__(self) -> None:
        one_by_one = "send them one after another"
        # An ask from memory takes no time: what fills this are bodies that come slowly, and a slow disk.
        self.ask = Lane("ask", 1000, what="asks", advice="ask again in a second; look for who sends bodies slowly")
        # Within the former, so that who waits for what may never come leaves room to the others.
        far = "ask again in a second; look for who waits for a `min_revision` far ahead"
        self.revision = Lane("revision", 500, what="asks that wait for their `min_revision`", advice=far)
        self.known = Lane("known", _KNOWN, 16, 5, what="asks with `known_at`", advice=one_by_one)
        # One decides at a time; of the others the bodies, of up to 16 MB, are read meanwhile.
        self.batch = Lane("batch", 4, 16, 10, what="batches", advice=one_by_one)
        # Of what waits, here as everywhere, no more of a body is taken than the server buffers: it may be many.
        self.bulk = Lane("bulk", _BULK, 50, 10, what="bulks", advice=one_by_one)
        self.write = Lane("write", _WRITE, 200, 10, what="writes", advice="send fewer at once, or many records in one bulk")
        self.report = Lane("report", _REPORT, 16, 5, what="reports", advice="ask for them one after another")
        self.read = Lane("read", _READ, 200, 5, what="reads", advice="send fewer at once")

    def __iter__(self) -> Iterator[Lane]:
        yield from (self.ask, self.revision, self.known, self.batch, self.bulk, self.write, self.report, self.read)

    def of(self, method: str, path: str) -> Lane | None:
        """The lane of a request that is no ask; None for what needs none: health, metrics, the documentation."""
        if not path.startswith("/v1/"):
            return None
        operation = f"{method} {path}"
        if _REPORT_PATTERN.fullmatch(operation):
            return self.report
        if _BULK_PATTERN.fullmatch(operation):
            return self.bulk
        return self.read if method in ("GET", "HEAD", "OPTIONS") else self.write
