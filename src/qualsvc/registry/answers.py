"""What the registry answers with: JSON, the revision, the version of a record."""

from typing import Any

from fastapi import Response

from qualsvc.http.bodies import JSON
from qualsvc.store.changing import to_json


def answer(body: Any, status: int = 200, revision: int | None = None, tag: str | None = None) -> Response:
    """A JSON answer; `revision` after a write, `tag` with a record."""
    headers = {}
    if revision is not None:
        headers["Revision"] = str(revision)
    if tag is not None:
        headers["ETag"] = tag
    return Response(to_json(body).encode(), status, headers, JSON)
