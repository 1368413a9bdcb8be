"""What the answer to a write of a certificate tells besides: its condition now."""

from typing import Any

from fastapi import Request

from qualsvc.records.documents import Document
from qualsvc.records.kinds import KINDS
from qualsvc.registry.wiring import wired
from qualsvc.store.reading import Narrowing, page


async def condition_now(request: Request, document: Document) -> dict[str, Any]:
    """The derived condition, as reading the certificate would tell it."""
    wiring = wired(request)
    named = Narrowing({"code": document["code"]})
    found = await page(wiring.engine, KINDS["certificate"], 1, None, named, at=wiring.now())
    return {"condition": found[0]["condition"]} if found else {}  # deleted since by somebody else
