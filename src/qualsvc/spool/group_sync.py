"""fsync by group commit: one sync serves everybody who wrote before it began."""

import asyncio
from collections.abc import Callable


class GroupSync:
    """Syncs what was written on behalf of many waiters.

    After a failed fsync the kernel may have dropped what it could not write, and a second fsync would succeed without
    it. So a failure is for ever: whoever waits then or later gets it.
    """

    def __init__(self, begin: Callable[[], Callable[[], None]]) -> None:
        """`begin` tells what is to be synced now; what it gives back does it, in a thread, and raises OSError."""
        self._begin = begin
        self._running: asyncio.Task[None] | None = None
        self._following: asyncio.Task[None] | None = None
        self.failure: OSError | None = None

    async def wait(self) -> None:
        """Return once a sync that began after this call has ended. Raises OSError."""
        if self._following is None:
            self._following = asyncio.create_task(self._after(self._running))
        await asyncio.shield(self._following)

    async def _after(self, running: asyncio.Task[None] | None) -> None:
        if running is not None:
            await asyncio.wait([running])
        self._running, self._following = self._following, None
        if self.failure is not None:
            raise self.failure
        try:
            await asyncio.to_thread(self._begin())
        except OSError as error:
            self.failure = error
            raise
