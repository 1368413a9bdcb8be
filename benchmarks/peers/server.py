"""What peers behind a port have in common."""

import json
from datetime import UTC, datetime
from datetime import time as time_of_day
from typing import Any

from benchmarks.plant import Plant


def noon(plant: Plant) -> int:
    """An instant of the plant's day, in microseconds since 1970: nothing changes near it."""
    return int(datetime.combine(plant.day, time_of_day(12), UTC).timestamp()) * 1_000_000


def posted(path: str, body: dict[str, Any]) -> bytes:
    """A whole request that posts JSON."""
    content = json.dumps(body, separators=(",", ":")).encode()
    head = f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {len(content)}\r\n\r\n"
    return head.encode() + content
