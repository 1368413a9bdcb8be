"""Who has fallen silent, told by our own clock alone: wall clocks may be stepped, the database's too."""

from collections.abc import Iterable

from qualsvc.store.reporting import Sign

MARGIN = 1.01
"""Two hosts' clocks do not run at quite the same speed: so much longer than its lease a process is given."""


class Silence:
    """Remembers since when each process was not seen again.

    One that holds out sees the head although it cannot report it, and is not silent.
    """

    def __init__(self) -> None:
        self._since: dict[Sign, float] = {}

    def past_lease(self, signs: Iterable[Sign], asked: float, answered: float) -> list[Sign]:
        """Those of the signs, read between two instants of our monotonic clock, that are older than their lease for certain."""
        self._since = {sign: answered if sign.holds_out else self._since.get(sign, answered) for sign in signs}
        return [sign for sign, since in self._since.items() if asked - since > sign.lease_s * MARGIN]
