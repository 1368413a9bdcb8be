"""Long work on the event loop in short slices, so that asks go on meanwhile.

A thread would not do: it holds the interpreter for five milliseconds each time the loop wants it back.
"""

import asyncio
from collections.abc import AsyncIterator, Coroutine, Iterable, Sequence
from time import perf_counter
from types import TracebackType
from typing import Any, Self, TypeVar

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


class Sending:
    """One statement is under way while the next is made: here and in the database work goes on at once.

    INVARIANT: a statement is sent when the one before is done, and when the context ends none is under way.
    """

    def __init__(self) -> None:
        self._under_way: asyncio.Task[None] | None = None

    async def send(self, statement: Coroutine[Any, Any, None]) -> None:
        """Send it when the one before is done. Raises what that one failed with."""
        try:
            await self._done()
        except BaseException:
            statement.close()
            raise
        self._under_way = asyncio.create_task(statement)

    async def _done(self) -> None:
        if self._under_way is not None:
            await self._under_way
            self._under_way = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            await self._done()
        elif self._under_way is not None:  # what it says is told already, or less than what ended this
            await asyncio.wait({self._under_way})


def batches(items: Sequence[T], size: int) -> Iterable[Sequence[T]]:
    """The items in runs of `size`, the last one shorter."""
    return (items[start : start + size] for start in range(0, len(items), size))
