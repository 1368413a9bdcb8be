"""The wheel that `pip install "qualsvc[embedded]"` gets."""

import subprocess
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).parents[2]


def files(directory: Path) -> set[str]:
    return {
        str(path.relative_to(directory)) for path in directory.rglob("*") if path.is_file() and "__pycache__" not in path.parts
    }


def test_the_wheel_is_whole(tmp_path: Path) -> None:
    """Every module, migration and data file of the tree travels in the wheel, and the command is in it."""
    subprocess.run([sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)], cwd=ROOT, check=True)
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
        commands = next(archive.read(name).decode() for name in names if name.endswith("entry_points.txt"))
    package = {f"qualsvc/{name}" for name in files(ROOT / "src" / "qualsvc")}
    migrations = {f"qualsvc/migrations/{name}" for name in files(ROOT / "migrations")}
    document = {"qualsvc/openapi/openapi.json"}
    assert {name for name in names if name.startswith("qualsvc/")} == package | migrations | document
    assert [name for name in ("qualsvc/migrations/env.py", "qualsvc/data/cn_certificate_types.csv") if name not in names] == []
    assert "qualsvc = qualsvc.cli:main" in commands
