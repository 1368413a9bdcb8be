"""What happened where a chain does not hold: which rows were edited, taken away, put in or exchanged.

A hash that does not fit says only that something is wrong here or just before. So the rows around are tried on each other's
hashes, until each row is explained by as little as can be.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import groupby, pairwise

from qualsvc.audit.faults import Fault, of_boot, of_rows
from qualsvc.audit.lines import Link

END = "end"
"""The kind of the link that stands for the head that the boot's own record names."""
_TRIED = 64
"""Rows that are tried on each other's places; of more each is told as edited."""
_PATHS = 8


@dataclass(slots=True)
class _Found:
    """What is wrong in a row of neighbours."""

    inserted: list[tuple[int, int]] = field(default_factory=list)
    missing: list[tuple[int, int, Link]] = field(default_factory=list)
    wrong: list[Link] = field(default_factory=list)
    altered: set[int] = field(default_factory=set)


def diagnosed(boot: str, neighbours: Sequence[Sequence[Link]]) -> Iterator[Fault]:
    """The faults of a boot, given rows in order around every place where its chain does not hold.

    Each group of neighbours is without a hole as the table has it, and begins with a row that is taken for sound.
    """
    found = _Found()
    for group in neighbours:
        _along(_without_strangers(group, found), found)
    for first, last in found.inserted:
        yield of_rows("inserted", boot, first, last, "inserted")
    for first, last, beyond in found.missing:
        why = "" if beyond.line is None else f"so row {beyond.sequence} follows on nothing and cannot be proved"
        yield of_rows("missing", boot, first, last, "", why)
    for sequence in sorted(found.altered):
        yield of_rows("hash_altered", boot, sequence, sequence, "given another hash")
    pool = {link.hash for group in neighbours for link in group}
    yield from _explained(boot, [link for link in found.wrong if link.sequence not in found.altered], pool)


def _without_strangers(group: Sequence[Link], found: _Found) -> list[Link]:
    """The rows that belong to the chain: of several under one number one, and none where the chain knows of none."""
    kept: list[Link] = []
    numbered = [list(same) for _, same in groupby(group, key=lambda link: (link.sequence, link.kind == END))]
    for i, same in enumerate(numbered):
        after = numbered[i + 1] if i + 1 < len(numbered) else []
        before = kept[-1:]

        def held(link: Link, before: Sequence[Link] = before, after: Sequence[Link] = after) -> int:
            return sum(link.fits(each.hash) for each in before) + any(each.fits(link.hash) for each in after)

        link = max(same, key=held)
        found.inserted += [(link.sequence, link.sequence)] * (len(same) - 1)
        if kept and link.start <= kept[-1].sequence:
            root = next((i for i, each in enumerate(kept) if each.sequence == link.start - 1 and link.fits(each.hash)), None)
            if root is not None and root + 1 < len(kept):
                found.inserted.append((kept[root + 1].sequence, kept[-1].sequence))
                del kept[root + 1 :]
        kept.append(link)
    return kept


def _along(links: list[Link], found: _Found) -> None:
    """From hash to hash; a row that fits on the hash its predecessor should have, shows that this hash was altered."""
    paths: dict[bytes, tuple[int, ...]] = {links[0].hash: ()}
    for before, link in pairwise(links):
        if link.start > before.sequence + 1:
            found.missing.append((before.sequence + 1, link.start - 1, link))
            paths = {link.hash: ()}
            continue
        path = next((path for digest, path in paths.items() if link.fits(digest)), None)
        if path is not None and link.start == before.sequence + 1:
            found.altered.update(path)
            paths = {link.hash: ()}
            continue
        found.wrong.append(link)
        further = {link.hash: ()} | {link.after(digest): (*path, link.sequence) for digest, path in paths.items()}
        paths = dict(list(further.items())[:_PATHS])


def _explained(boot: str, wrong: list[Link], pool: set[bytes]) -> Iterator[Fault]:
    rows = [link for link in wrong if link.kind != END]
    homes: dict[int, int] = {}
    if len(rows) <= _TRIED:
        # A row that fits on some hash nearby is whole itself: that hash is only no longer where it was.
        ends = [link for link in wrong if link.kind == END and not any(link.fits(digest) for digest in pool - {link.hash})]
        rows = [link for link in rows if not any(link.fits(digest) for digest in pool)]
        homes = _homes(rows, pool)
    else:
        ends = [link for link in wrong if link.kind == END]
    for sequence, home in homes.items():
        if homes.get(home) != sequence:
            yield of_rows("moved", boot, sequence, sequence, f"put in place of another: it says what row {home} said")
        elif sequence < home:
            text = f"boot {boot}: rows {sequence} and {home} were swapped"
            yield Fault("swapped", text, boot, sequence, home, 2)
    edited = [link.sequence for link in rows if link.sequence not in homes]
    for first, last in _together(edited):
        why = f"or row {first - 1} was, and given a new hash" if first else ""
        yield of_rows("edited", boot, first, last, "edited", why)
    for link in ends:
        text = f"row {link.start - 1} is not the one that the boot's record names as its last: one of them was edited"
        yield of_boot("head", boot, text, link.start - 1)


def _homes(rows: list[Link], pool: set[bytes]) -> dict[int, int]:
    """Under which number a row was written, where it stands under another one now."""
    homes = {}
    for link in rows:
        for other in rows:
            if other is not link and link.line is not None:
                line = link.named(other.sequence)
                if any(sha256(digest + line).digest() in pool for digest in pool):
                    homes[link.sequence] = other.sequence
    return homes


def _together(sequences: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Numbers in order as ranges of those that follow one another."""
    first = last = None
    for sequence in sequences:
        if last is not None and sequence == last + 1:
            last = sequence
            continue
        if first is not None and last is not None:
            yield first, last
        first = last = sequence
    if first is not None and last is not None:
        yield first, last
