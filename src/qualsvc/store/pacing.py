"""Long work on the event loop in short slices, so that asks go on meanwhile.

A thread would not do: it holds the interpreter for five milliseconds each time the loop wants it back.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from time import perf_counter
from typing import TypeVar

T = TypeVar("T")

SLICE_S = 0.001


async def paced(items: Iterable[T]) -> AsyncIterator[T]:
    """The items, letting the event loop run after each slice of about a millisecond."""
    deadline = perf_counter() + SLICE_S
    for item in items:
        yield item
        if perf_counter() > deadline:
            await asyncio.sleep(0)
            deadline = perf_counter() + SLICE_S


def batches(items: Sequence[T], size: int) -> Iterable[Sequence[T]]:
    """The items in runs of `size`, the last one shorter."""
    return (items[start : start + size] for start in range(0, len(items), size))
