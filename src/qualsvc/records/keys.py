"""API keys as records: facts like any other, so that a revoked key is refused as fast as a revoked certificate."""

from typing import Annotated, Literal

from pydantic import Field

from qualsvc.records.fields import Code, Instant, Text
from qualsvc.records.model import Record

Scope = Literal["ask", "ask:at", "read", "maintain", "approve", "admin"]


class ApiKey(Record):
    """`code` is the key's public id; `sha256` the hex digest of its secret, which is kept nowhere.

    `person` is who uses the key, where that is one person: nobody approves for themselves with a second key.
    """

    name: Text
    scopes: Annotated[tuple[Scope, ...], Field(strict=False)]
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    revoked_at: Instant | None = None
    person: Code | None = None
