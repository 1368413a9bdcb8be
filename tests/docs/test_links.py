"""What the documentation points at is there: files, headings, and the paths it asks."""

import json
import re
from pathlib import Path
from urllib.parse import unquote

import pytest

from tests.docs.pages import DOCS, PAGES, ROOT, anchors, blocks, links, named_in_code, without_blocks

PATHS = json.loads((ROOT / "openapi" / "openapi.json").read_text(encoding="utf-8"))["paths"]
METHODS = ("GET", "PUT", "PATCH", "POST", "DELETE")
OUTSIDE = {"/docs", "/openapi.json"}
"""Served, and not part of the document they are or show."""

each_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))


@each_page
def test_links_lead_somewhere(page: Path) -> None:
    """Every relative link is to a file or folder of the clone, and to a heading that is there."""
    broken = []
    for link in links(page):
        if re.match(r"[a-z]+:", link):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / unquote(path)).resolve() if path else page
        if not target.exists() or (anchor and anchor not in anchors(target)):
            broken.append(link)
    assert [] == broken


@pytest.mark.parametrize("page", sorted(DOCS.glob("*.md")), ids=lambda page: page.name)
def test_lines_are_short(page: Path) -> None:
    """Pages are read in terminals: nothing but tables and lines of a bulk is wider than the code."""
    lines = page.read_text(encoding="utf-8").splitlines()
    assert [] == [line for line in lines if len(line) > 128 and not line.startswith(("|", '{"kind"'))]


def test_the_index_names_every_page() -> None:
    """Nobody has to look into the folder to find a page."""
    named = {(DOCS / link.partition("#")[0]).resolve() for link in links(DOCS / "README.md")}
    assert [] == [page.name for page in DOCS.glob("*.md") if page.name != "README.md" and page not in named]


def asked(page: Path) -> list[tuple[str, str]]:
    """The requests a page shows: method and path, of `curl` and of `GET /v1/…` in running text."""
    found = []
    for block in blocks(page, "sh", "console"):
        for command in re.findall(r"curl .*?(?:\n\n|\n(?! )|\Z)", block.replace("\\\n", " "), re.DOTALL):
            address = re.search(r"http://[\d.:]+(/[^\s'\"?\\)]*)", command)
            if address:
                given = re.search(r"-X (\w+)", command)
                method = given.group(1) if given else "POST" if re.search(r" (-d|--data\S*) ", command) else "GET"
                found.append((method, address.group(1)))
    for code in named_in_code(without_blocks(page.read_text(encoding="utf-8"))):
        spoken = re.fullmatch(rf"({'|'.join(METHODS)}) (/[^\s?]*)(\?\S*)?", code)
        if spoken:
            found.append((spoken.group(1), spoken.group(2)))
    return found


def served(method: str, path: str) -> bool:
    """Whether the OpenAPI document has this method for a path like that; `…` and `a|b` stand for what fits."""
    alternatives = [path]
    while any("|" in each for each in alternatives):
        alternatives = [
            each.replace(match.group(0), one)
            for each in alternatives
            for match in [re.search(r"[^/|]+(?:\|[^/|]+)+", each)]
            if match
            for one in match.group(0).split("|")
        ]
    return all(_one(method, each) for each in alternatives)


def _one(method: str, path: str) -> bool:
    return any(
        method.lower() in operations and _fits(template.split("/"), path.split("/")) for template, operations in PATHS.items()
    )


def _fits(template: list[str], path: list[str]) -> bool:
    """Part by part: a parameter takes any code, and an ellipsis stands for any part."""
    return len(template) == len(path) and all(
        part == wanted or (wanted.startswith("{") and part) or part == "…" for wanted, part in zip(template, path, strict=True)
    )


@each_page
def test_every_path_asked_is_in_the_document(page: Path) -> None:
    """Whatever a page asks, by `curl` or in words, the OpenAPI document has, with that method."""
    missing = [
        f"{method} {path}"
        for method, path in asked(page)
        if path.rstrip("/") not in OUTSIDE and "…" not in path.rpartition("/")[2] and not served(method, path)
    ]
    assert [] == missing


def test_the_search_finds_requests() -> None:
    """Requests are found in commands over several lines and in words; and a wrong path or method is told."""
    found = set(asked(DOCS / "howto-mes.md"))
    expected = {
        ("GET", "/can-operate"),
        ("POST", "/can-operate/batch"),
        ("PUT", "/v1/equipment/BC-05"),
        ("PATCH", "/v1/equipment/BC-05"),
        ("POST", "/v1/bulk"),
        ("GET", "/v1/equipment/BC-05/history"),
    }
    assert set() == expected - found
    assert served("GET", "/v1/persons/E1001")
    assert not served("GET", "/v1/person/E1001")
    assert not served("DELETE", "/v1/bulk")
