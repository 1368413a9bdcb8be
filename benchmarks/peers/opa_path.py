"""The `opa` that is on the PATH; no registry of packages has it, so where there is none OPA's own program is left out."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

MISSING = "`opa` is not on the PATH, and no package registry has it."


def missing() -> str | None:
    """A sentence where there is none."""
    return None if shutil.which("opa") else MISSING


def version() -> str:
    """What it says of itself; empty where there is none."""
    if shutil.which("opa") is None:
        return ""
    said = subprocess.run(["opa", "version"], check=True, capture_output=True, text=True).stdout
    return said.splitlines()[0].removeprefix("Version: ")


def can(flag: str) -> bool:
    """Whether this version's server takes the flag."""
    return flag in subprocess.run(["opa", "run", "--help"], check=True, capture_output=True, text=True).stdout


def written(directory: Path, policies: dict[str, str], data: dict[str, Any] | None = None) -> None:
    """Policies and data as the files of a bundle."""
    for name, text in policies.items():
        (directory / name).write_text(text)
    if data is not None:
        (directory / "data.json").write_text(json.dumps(data))
