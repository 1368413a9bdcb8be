"""Shipping one boot: what its files hold goes into the table, in order, chained, each record once.

Rows are made, then the database takes them in, in turns: so shipping has one core busy at most, and the others are for asks.
"""

import contextlib
import json
import logging
from collections import Counter
from dataclasses import replace
from datetime import date, datetime
from hashlib import sha256
from pathlib import Path

import asyncpg

from qualsvc.kernel.instants import format_instant
from qualsvc.records.moments import instant_of
from qualsvc.shipping.days import Days
from qualsvc.shipping.rows import Row, made, row_of
from qualsvc.shipping.tail import Gap, Read, Tail, gap_payload
from qualsvc.spool.format import Entry
from qualsvc.spool.life import life_path, lives
from qualsvc.store.chain import COLUMNS, chained, genesis
from qualsvc.store.decision_log import Batch, Cursor, Signer, cursor_of, make_partitions, open_boot, ship

logger = logging.getLogger("qualsvc.shipping")

BATCH = 10_000
_DENY_NOTHING = frozenset({"expiring_soon", "monitored", "waived"})
"""Reasons that stand beside those of a denial and are none of its causes."""


class Boot:
    """One boot being shipped. After any failure it is forgotten, and another one begins where the database is."""

    def __init__(
        self,
        directory: Path,
        boot_id: str,
        cursor: Cursor | None,
        signer: Signer,
        days: Days,
        made_for: set[date],
        *,
        set_aside: bool = False,
    ) -> None:
        """`made_for` are the months there are partitions for, shared by all boots.

        `set_aside`: what is on file is not what the database says was shipped; so each file goes into quarantine.
        """
        self.boot_id = boot_id
        self.over = cursor is not None and cursor.closed
        self._directory = directory
        self._cursor = cursor
        self._signer = signer
        self._sets_aside = set_aside
        self._days = days
        self._months = made_for
        self._tail = Tail(directory, boot_id, -1 if cursor is None else cursor.sequence)
        latest = None if cursor is None else cursor.latest
        self._latest = self._tail.begun_at() if latest is None else format_instant(instant_of(latest))
        self._closed_well = False
        self._disowned = self._told = False

    async def step(self, connection: asyncpg.Connection) -> int:
        """Ship what there is, one batch at most; answers how many rows. Raises what the database raises."""
        if self.over:
            self._finish()
            return 0
        read = self._tail.read(BATCH)
        rows = [self._row(each) for each in read.found]
        if read.ended and not self._closed_well:
            rows.append(self._closing(read))
        if not rows:
            return 0
        ends = rows[-1].kind == "close"
        if self._cursor is None:
            first = rows[0]
            begun = _moment(first.logged_at)
            await open_boot(connection, self._signer, self.boot_id, first.opened, begun, genesis(self.boot_id))
            self._cursor = await cursor_of(connection, self.boot_id)
            assert self._cursor is not None
        await self._ship(connection, self._cursor, rows, ends=ends)
        self.over = ends
        for path in self._tail.files_before(self._cursor.sequence + 1):
            self._take_away(path)
        return len(rows)

    async def _ship(self, connection: asyncpg.Connection, cursor: Cursor, rows: list[Row], *, ends: bool) -> None:
        months = {date(int(row.logged_at[:4]), int(row.logged_at[5:7]), 1) for row in rows}
        if not months <= self._months:
            await make_partitions(connection, sorted(months - self._months))
            self._months |= months
        head, lines, counted = cursor.hash, [], Counter[tuple[date, str, str, str, str]]()
        for row in rows:
            head = chained(head, row.line)
            lines.append(b"%b\t\\\\x%b\n" % (row.line, head.hex().encode()))
            if row.decision is not None:
                day = self._days.of(row.site, row.logged_at)
                about = (day, row.site or "", row.purpose or "", row.decision)
                counted[*about, ""] += 1
                if row.decision == "deny":
                    counted.update((*about, reason) for reason in row.reasons if reason not in _DENY_NOTHING)
        latest = _moment(rows[-1].logged_at)
        batch = Batch(self.boot_id, lines, COLUMNS, rows[-1].sequence, head, latest, counted, ends)
        await ship(connection, self._signer, cursor, batch)
        self._cursor = replace(cursor, sequence=batch.sequence, hash=head, latest=latest)

    def _row(self, found: Entry | Gap) -> Row:
        if isinstance(found, Gap):
            payload = gap_payload(found)
            logger.error("records %d to %d of boot %s are lost: %s", found.first, found.last, self.boot_id, payload)
            if found.damaged:
                self._keep_aside(f"{self.boot_id}-{found.first}-{found.last}", found.damaged)
            row = made(self.boot_id, found.last, "gap", self._latest, json.dumps(payload))
        else:
            row = row_of(found, self._latest)
        self._latest = row.logged_at
        self._closed_well = row.kind == "close"
        return row

    def _closing(self, read: Read) -> Row:
        """The last row of a process that did not close its log itself."""
        sequence, told = self._tail.expected, {"at": self._latest, "by": "shipper", "torn_bytes": len(read.torn)}
        if read.torn:
            logger.error(
                "the log of boot %s ends torn: %d bytes were cut off after record %d", self.boot_id, len(read.torn), sequence
            )
            self._keep_aside(f"{self.boot_id}-{sequence}-torn", read.torn)
            told["sha256"] = sha256(read.torn).hexdigest()
        return made(self.boot_id, sequence, "close", self._latest, json.dumps({"close": told}))

    def _keep_aside(self, name: str, damaged: bytes) -> None:
        try:
            (self._aside() / name).write_bytes(damaged)
        except OSError as error:
            # A file is moved where nothing more can be written.
            logger.warning("%s: what is damaged cannot be copied (%s): its file will be set aside", name, error.strerror)
            self._sets_aside = True

    def _aside(self) -> Path:
        place = self._directory / "quarantine"
        place.mkdir(mode=0o700, exist_ok=True)
        return place

    def _take_away(self, path: Path) -> None:
        with contextlib.suppress(FileNotFoundError):
            if self._sets_aside:
                path.rename(self._aside() / path.name)
            else:
                path.unlink()

    def _finish(self) -> None:
        """Take the files away of a boot that is closed, once its process is gone.

        A record in them that the table does not have is never taken away: then the closing was not ours.
        """
        alive = lives(self._directory, self.boot_id)  # asked first: what a process wrote before it died is then all there
        if any(isinstance(each, Entry) for each in self._tail.read(BATCH).found):
            self._disowned = True
        if self._disowned and not self._told:
            logger.error(
                "boot %s is closed in the database and has more records here: it was altered; they are kept", self.boot_id
            )
            self._told = True
        if not alive and not self._disowned:
            for path in self._tail.files():
                self._take_away(path)
            life_path(self._directory, self.boot_id).unlink(missing_ok=True)


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
