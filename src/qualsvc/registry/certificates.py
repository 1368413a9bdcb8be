"""What the answer to a write of a certificate tells besides: its condition now."""

from typing import Any

from fastapi import Request

from qualsvc.records.documents import Document
from qualsvc.records.kinds import KINDS
from qualsvc.registry.routes import Besides
from qualsvc.registry.wiring import Wiring
from qualsvc.store.reading import Narrowing, page


def condition_now(wiring: Wiring) -> Besides:
    """The derived condition, as reading the certificate would tell it."""

    async def told(request: Request, document: Document) -> dict[str, Any]:
        named = Narrowing({"code": document["code"]})
        found = await page(wiring.engine(request), KINDS["certificate"], 1, None, named, at=wiring.now())
        return {"condition": found[0]["condition"]} if found else {}  # deleted since by somebody else

    return told
