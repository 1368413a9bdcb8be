"""The documentation as tests read it: pages, their sections, fenced blocks, tables and links."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = (ROOT / "README.md", *sorted(DOCS.rglob("*.md")))

_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"(?<!!)\[[^\]\n]+\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#{1,6} (.+)$", re.MULTILINE)
_CELL = re.compile(r"(?<!\\)\|")


@dataclass(frozen=True)
class Section:
    """What stands under one heading of the second or third level, without the sections below it."""

    title: str
    text: str

    def blocks(self, language: str) -> list[str]:
        """The fenced blocks of a language."""
        return [body for name, body in _FENCE.findall(self.text) if name == language]

    def rows(self) -> list[list[str]]:
        """The rows of its tables, headings left out, as cells."""
        lines = [line for line in without_blocks(self.text).splitlines() if line.startswith("|")]
        cells = [[cell.strip() for cell in _CELL.split(line)[1:-1]] for line in lines]
        rules = [i for i, row in enumerate(cells) if set("".join(row)) <= set("-:")]
        return [row for i, row in enumerate(cells) if i not in rules and i + 1 not in rules]


def sections(page: Path) -> list[Section]:
    """The sections of a page in order, what stands before the first one left out."""
    parts = re.split(r"^#{2,3} (.+)$", page.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return [Section(title, text) for title, text in zip(parts[1::2], parts[2::2], strict=True)]


def section(page: Path, title: str) -> Section:
    """The one section with this title."""
    (found,) = [each for each in sections(page) if each.title == title]
    return found


def without_blocks(text: str) -> str:
    """The text without its fenced blocks."""
    return _FENCE.sub("", text)


def blocks(page: Path, *languages: str) -> list[str]:
    """The fenced blocks of a page in any of these languages; `sh` is to be typed as it stands, `console` shows a session."""
    return [body for name, body in _FENCE.findall(page.read_text(encoding="utf-8")) if name in languages]


def links(page: Path) -> Iterator[str]:
    """Where a page links to."""
    yield from _LINK.findall(without_blocks(page.read_text(encoding="utf-8")))


def anchors(page: Path) -> set[str]:
    """The names its headings can be linked to by."""
    headings = _HEADING.findall(without_blocks(page.read_text(encoding="utf-8")))
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


def named_in_code(text: str) -> set[str]:
    """Everything in backticks."""
    return set(re.findall(r"`([^`\n]+)`", text))
