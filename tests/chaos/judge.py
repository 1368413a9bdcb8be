"""Holding what clients saw against what must be."""

import asyncio
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from tests.chaos.load import Writer
from tests.cli.commands import COMMAND, environment
from tests.faults.asking import Answer, Asker
from tests.faults.evidence import Given, Wrote, decisions, gone_back, not_on_record, not_whole, off_the_clock, too_old

_REPLAY_S = 3600.0
_SHOWN = 20


def tell(line: str) -> None:
    """Say it at once, however the output is kept."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


class Judge:
    """Judges answers as they come, and everything at the end; `violations` are what must not be."""

    def __init__(self, askers: Sequence[Asker], writers: Sequence[Writer], lease_s: float) -> None:
        self._askers = askers
        self._writers = writers
        self._lease_s = lease_s
        self._judged = [0] * len(askers)
        self.given: list[Given] = []
        self.asks = 0
        self.refused = 0
        self.violations: list[str] = []

    def look(self) -> None:
        """At what was answered since the last look."""
        fresh: list[Answer] = []
        for number, asker in enumerate(self._askers):
            until = len(asker.answers)
            fresh += asker.answers[self._judged[number] : until]
            self._judged[number] = until
        self.asks += len(fresh)
        for each in fresh:
            if each.status == 503:
                self.refused += 1
            elif each.status != 200:
                self.violations.append(f"an ask was answered {each.status} {each.body[:200]!r}")
        given = list(decisions(fresh))
        self.given += given
        self.violations += off_the_clock(given)
        self.violations += too_old(given, self._wrote(), self._lease_s)

    def _wrote(self) -> list[Wrote]:
        return [each for writer in self._writers for each in writer.wrote]

    def conclude(self, database_url: str, data_dir: Path) -> None:
        """With all load over: order, evidence, writes, and every decision reckoned anew."""
        self.look()
        wrote = self._wrote()
        # Anew: when it was looked at, a write may have been acknowledged and not noted yet.
        self.violations += set(too_old(self.given, wrote, self._lease_s)) - set(self.violations)
        self.violations += [each for writer in self._writers for each in writer.strange]
        self.violations += gone_back(self.given)
        self.violations += asyncio.run(not_on_record(database_url, self.given))
        self.violations += asyncio.run(not_whole(database_url, wrote))
        began = time.monotonic()
        done = subprocess.run(
            [COMMAND, "audit", "replay"],
            env=environment(data_dir, {"QUALSVC_DATABASE_URL": database_url}),
            capture_output=True,
            text=True,
            check=False,
            timeout=_REPLAY_S,
        )
        tell(f"replay, {time.monotonic() - began:.0f} s: {done.stdout.strip().splitlines()[-1:]}")
        if done.returncode != 0:
            self.violations += [f"replay ended with {done.returncode}", *(done.stdout + done.stderr).splitlines()[-_SHOWN:]]
