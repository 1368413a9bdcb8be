"""A client that writes without pause, and notes what it was told."""

import threading
import time
from collections.abc import Iterator
from typing import Any

from tests.faults.asking import TIMEOUT_S, Line
from tests.faults.evidence import Outcome, Wrote

RECORDS = 5


class Writing(threading.Thread):
    """Each write is a bulk of certificates, in one revision, all with the write's tag as their number. None is tried again."""

    def __init__(self, base: str, name: str) -> None:
        super().__init__(daemon=True)
        self._base = base
        self._name = name
        self._enough = threading.Event()
        self.wrote: list[Wrote] = []

    def run(self) -> None:
        with Line(self._base, timeout_s=20) as line:
            while not self._enough.is_set():
                tag = f"{self._name}-{len(self.wrote)}"
                try:
                    told = line.write(self._records(tag))
                except OSError:
                    told = None
                if told is not None and told.status == 200:
                    self.wrote.append(Wrote(tag, RECORDS, Outcome.DONE, told.document["revision"], told.received))
                else:
                    self.wrote.append(Wrote(tag, RECORDS))
                    time.sleep(0.02)

    def _records(self, tag: str) -> Iterator[dict[str, Any]]:
        for number in range(RECORDS):
            record = {"kind": "certificate", "code": f"{self._name}-{number}", "person": "E2", "type": "N1", "status": "valid"}
            yield record | {"valid_from": "2020-01-01", "number": tag}

    def acknowledged(self) -> int:
        return sum(each.outcome is Outcome.DONE for each in self.wrote)

    def finish(self) -> list[Wrote]:
        self._enough.set()
        self.join(TIMEOUT_S)
        assert not self.is_alive(), "a write does not end"
        return self.wrote
