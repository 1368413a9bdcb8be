"""What the tree promises about itself."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

SOURCES = Path(__file__).parents[2] / "src" / "qualsvc"
KERNEL = sorted((SOURCES / "kernel").glob("*.py"))
IMPURE = {"asyncio", "io", "logging", "os", "pathlib", "random", "secrets", "socket", "subprocess", "threading", "time"}


def _imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


@pytest.mark.parametrize("path", KERNEL, ids=lambda path: path.stem)
def test_the_kernel_is_pure(path: Path) -> None:
    """A kernel module imports the kernel and those parts of the standard library that do no I/O and read no clock."""
    foreign = [
        name
        for name in _imported(path)
        if not name.startswith("qualsvc.kernel")
        and (name.partition(".")[0] not in sys.stdlib_module_names or name.partition(".")[0] in IMPURE)
    ]
    assert [] == foreign


def test_the_kernel_reads_no_clock() -> None:
    """No kernel module asks what time it is, or opens anything."""
    calls = [
        f"{path.stem}: {ast.unparse(node)}"
        for path in KERNEL
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] in {"now", "utcnow", "today", "open"}
    ]
    assert [] == calls


@pytest.mark.parametrize("path", sorted(SOURCES.rglob("*.py")), ids=lambda path: str(path.relative_to(SOURCES)))
def test_no_module_is_longer_than_400_lines(path: Path) -> None:
    """A module that grows past 400 lines wants two rooms."""
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 400
