"""The script of docs/howto-hr.md that turns a table into bulk lines: what it makes, and what it says of mistakes."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs.pages import DOCS, section

SHOWN = "\n".join(section(DOCS / "howto-hr.md", "From Excel").blocks("sh"))


def lines_of(table: str | bytes | None, directory: Path, kind: str = "certificate") -> subprocess.CompletedProcess[str]:
    """Run the page's script over a table; None: over one that is not there."""
    found = re.search(r"cat >csv_to_bulk\.py <<'EOF'\n(.*?\n)EOF\n", SHOWN, re.DOTALL)
    assert found is not None
    (directory / "csv_to_bulk.py").write_text(found.group(1), encoding="utf-8")
    if table is not None:
        (directory / "t.csv").write_bytes(table.encode() if isinstance(table, str) else table)
    command = [sys.executable, "csv_to_bulk.py", kind, "t.csv"]
    return subprocess.run(command, cwd=directory, capture_output=True, encoding="utf-8", check=False, timeout=60)


def test_values(tmp_path: Path) -> None:
    """Cells become what the fields are; empty ones are left out."""
    heading = "\ufeffcode,valid_from,number,verified,scopes,limits"
    rows = ["A,2026年1月5日,2024-1-5,是,a; b,lifting_t=50;radius_m=1.5", "B,,,,,"]
    table = "\r\n".join([heading, *rows, ""])
    done = lines_of(table, tmp_path)
    first, second = map(json.loads, done.stdout.splitlines())
    expected = {"kind": "certificate", "code": "A", "valid_from": "2026-01-05", "number": "2024-1-5", "verified": True}
    assert first == expected | {"scopes": ["a", "b"], "limits": {"lifting_t": 50, "radius_m": 1.5}}
    assert second == {"kind": "certificate", "code": "B"}


def test_lines_count_as_rows_do(tmp_path: Path) -> None:
    """An empty row is an empty line, so that line 3 of the bulk is row 4 of the sheet."""
    done = lines_of("code\nA\n\nB\n", tmp_path)
    assert [bool(line) for line in done.stdout.splitlines()] == [True, False, True]


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ("code,verified\nA,是\nB,maybe\n", "row 3, column `verified`: `maybe` is neither yes nor no"),
        ("code,hours\nA,8 h\n", "row 2, column `hours`: `8 h` is no number"),
        ("code,hours\nA,nan\n", "row 2, column `hours`: `nan` is no number"),
        ("code,limits\nA,50\n", "row 2, column `limits`: `50` has no `=`"),
        ("code,number\nA,1.2E+17\n", "row 2, column `number`: `1.2E+17` is a long number cut short"),
        ("code\nA,x\n", "row 2: `x` stands in a column without a heading"),
        ("code,code\nA,B\n", "row 1: two columns are named `code`"),
        ("code;person\nA;E1\n", "row 1: no column is named `code`"),
        ("", "row 1: no column is named `code`"),
        ("code,name\nA,王\n".encode("gb18030"), "not UTF-8; save it as `CSV UTF-8`"),
        (None, "cannot be read"),
    ],
)
def test_mistakes(table: str | bytes | None, said: str, tmp_path: Path) -> None:
    """A mistake is told by row and column, no line is written, and nobody sees a traceback."""
    done = lines_of(table, tmp_path)
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert 1 == done.returncode
    assert not done.stdout


def test_all_mistakes_are_told(tmp_path: Path) -> None:
    """Whoever mends a sheet does it once."""
    done = lines_of("code,hours,verified\nA,x,y\nB,z,是\n", tmp_path)
    assert 3 == done.stderr.count("row ")
