"""Answers on file as a process leaves them that died before they were shipped."""

import json
from pathlib import Path

from qualsvc.spool.spool import Spool

_OPEN = b'{"open":{"started_at":"2026-11-21T03:00:00Z","host":"h"}}'
_REASON = {
    "code": "certificate_expired",
    "rule": "FORKLIFT-N1",
    "requirement": "certificate N1",
    "certificate": "N1-88231",
    "since": "2026-10-31T16:00:00Z",
    "message": "certificate N1-88231 expired (2026-10-31)",
    "remedy": "renew the certificate and record the new date",
}


def answer(number: int) -> bytes:
    """A record such as answers leave."""
    told = {
        "decision": "deny" if number % 3 else "allow",
        "allowed": not number % 3,
        "person": f"E{number % 5000}",
        "equipment": f"EQ-{number % 300}",
        "process": "LOADING",
        "at": "2026-11-21T03:30:00Z",
        "asked_at": f"2026-11-21T03:30:00.{1 + number % 999_999:06}Z",
        "valid_until": None,
        "recheck_by": "2026-11-21T03:35:00.000214Z",
        "obligations": [],
        "reasons": [_REASON] * bool(number % 3),
        "revision": 4211,
        "decision_id": f"hsmdgaoslezht4na-{number}",
    }
    return json.dumps({"key": "k1", "site": "NGB", "question": {"purpose": "unlock"}, "answer": told}).encode()


def backlog(directory: Path, rows: int) -> str:
    """Files of a process that is gone, with so many answers; its boot id."""
    spool = Spool(directory, _OPEN)
    for first in range(0, rows, 500):
        spool.append([answer(number) for number in range(first, first + 500)])
    spool.close()
    return spool.boot_id
