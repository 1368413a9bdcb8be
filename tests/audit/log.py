"""A decision log to tamper with: two boots, shipped as ever; and what verifying it says."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg

from qualsvc.audit.checkpoints import checkpoint
from qualsvc.audit.lines import SELECT, Link, copied, parsed
from qualsvc.audit.signing import SigningKey
from qualsvc.audit.statements import Statement
from qualsvc.audit.verdict import Verdict, Witnessed
from qualsvc.audit.verifying import verify
from qualsvc.shipping.boot import Boot
from qualsvc.shipping.shipper import Shipper
from qualsvc.spool.spool import Spool
from qualsvc.store.chain import chained, genesis

KEY = SigningKey(bytes(range(32)))
ANOTHER = SigningKey(bytes(reversed(range(32))))
ANSWERS = 30
END = ANSWERS + 1
"""The last row of the first boot: it opens with row 0, and closes."""
CLOSE = b'{"close":{"at":"2026-11-21T04:00:00.25Z"}}'


def opening(month: str) -> bytes:
    return json.dumps({"open": {"started_at": f"{month}-21T03:00:00Z", "host": "h"}}).encode()


def answer(number: int, month: str = "2026-11", **also: Any) -> bytes:
    told = {
        "decision": "deny" if number % 2 else "allow",
        "person": f"E\\{number}",
        "equipment": "FORK-07",
        "process": "LOADING",
        "at": f"{month}-21T03:30:00Z",
        "asked_at": f"{month}-21T03:30:00.{number:06}Z",
        "reasons": [{"code": "certificate_expired"}] if number % 2 else [],
        "revision": 7,
    }
    question = {"purpose": "unlock"}
    return json.dumps({"key": "k1", "site": "NGB", "question": question, "answer": told | also}, ensure_ascii=False).encode()


@dataclass
class Log:
    """The log in a database. `boot` is closed, `living` still answers."""

    url: str
    directory: Path
    connection: asyncpg.Connection
    boot: str = ""
    living: str = ""

    async def clear(self) -> None:
        months = await self.connection.fetch(
            "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'decision'::regclass"
        )
        for (month,) in months:
            await self.execute(f"DROP TABLE {month}")
        await self.execute("TRUNCATE decision_boot, decision_link, decision_count, checkpoint, tombstone")

    async def fill(self) -> None:
        spool = Spool(self.directory, opening("2026-11"))
        spool.append([*(answer(number) for number in range(1, ANSWERS + 1)), CLOSE])
        spool.close()
        await self.ship()
        living = Spool(self.directory, opening("2026-11"))
        living.append([answer(number) for number in range(1, 11)])
        await self.ship()
        self.boot, self.living, self._living = spool.boot_id, living.boot_id, living

    async def goes_on(self, month: str = "2026-11") -> None:
        """The living boot answers some more."""
        self._living.append([answer(number, month) for number in range(11, 16)])
        await self.ship()

    def close(self) -> None:
        if self.living:
            self._living.close()

    async def ship(self, signer: SigningKey = KEY) -> None:
        shipper, boots = Shipper(self.directory, "", signer), dict[str, Boot]()
        while await shipper.once(self.connection, boots):
            pass

    async def execute(self, statement: str, *given: Any) -> None:
        await self.connection.execute(statement, *given)

    async def checkpoint(self, key: SigningKey = KEY) -> Statement:
        made = await checkpoint(self.connection, key, 0)
        assert made is not None
        return made

    async def rehash(self, boot_id: str) -> None:
        """What somebody who owns the database does: every hash anew, the boot's record, and the links."""
        rows: list[Link] = []

        async def add(block: bytes) -> None:
            rows.extend(parsed(line) for line in block.split(b"\n")[:-1])

        await copied(self.connection, f"{SELECT} WHERE boot_id = $1 ORDER BY sequence", boot_id, to=add)
        head, sequence = genesis(boot_id), -1
        for row in rows:
            assert row.line is not None
            head, sequence = chained(head, row.line), row.sequence
            update = "UPDATE decision SET hash = $3 WHERE boot_id = $1 AND sequence = $2"
            await self.execute(update, boot_id, sequence, head)
        update = (
            "UPDATE decision_boot boot SET sequence = $2, hash = $3, logged_at = decision.logged_at"
            " FROM decision WHERE boot.boot_id = $1 AND decision.boot_id = $1 AND decision.sequence = $2"
        )
        await self.execute(update, boot_id, sequence, head)

    async def verdict(
        self, *told: Statement, keys: Sequence[SigningKey] = (KEY,), witnesses: Sequence[Witnessed] = (), processes: int = 1
    ) -> Verdict:
        if told:
            witnesses = [*witnesses, Witnessed("witness", told)]
        return await verify(self.url, [key.public for key in keys], witnesses, processes=processes)

    async def faults(self, *told: Statement, keys: Sequence[SigningKey] = (KEY,)) -> list[str]:
        """What is said of each fault, with the boots by their roles."""
        verdict = await self.verdict(*told, keys=keys)
        return [fault.text.replace(self.boot, "A").replace(self.living, "B") for fault in verdict.faults.listed]
