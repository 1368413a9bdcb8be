"""`python -m benchmarks.peers.install`: put the peers into `.peers/`, by pip and npm, in the versions pinned here.

Their dependencies never meet ours: Python ones have an environment of their own, Node ones a folder of their own.
"""

import argparse
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).parents[2]
PEERS = ROOT / ".peers"
PYTHON = PEERS / "python" / "bin" / "python"
NODE = PEERS / "node"
HERE = Path(__file__).parent / "requirements"

INSTALL = "`python -m benchmarks.peers.install` installs it"


def python_missing(distribution: str) -> str | None:
    """A sentence where the Python package is not installed."""
    pattern = distribution.replace("-", "_") + "-*.dist-info"
    found = any((PEERS / "python").glob(f"lib/python*/site-packages/{pattern}"))
    return None if found else f"{distribution} is not installed; {INSTALL}."


def node_missing(package: str) -> str | None:
    """A sentence where Node.js or its package is not installed."""
    if shutil.which("node") is None:
        return f"Node.js, which {package} needs, is not on the PATH."
    return None if (NODE / "node_modules" / package).is_dir() else f"{package} is not installed; {INSTALL}."


def installed(what: str, command: Sequence[str | Path], directory: Path | None = None) -> bool:
    """Whether the command could install it; where not, that is told, for it is left out."""
    try:
        done = subprocess.run(command, cwd=directory, check=False).returncode == 0
    except OSError:
        done = False
    if not done:
        print(f"{what} cannot be installed here, and is left out.", file=sys.stderr)
    return done


def one_by_one(pip: Sequence[str | Path], requirements: Path) -> list[str]:
    """Install each line of a file by itself, so that one that cannot be had keeps out no other. Those installed."""
    lines = requirements.read_text().splitlines()
    return [line for line in lines if line and not line.startswith("#") and installed(line, [*pip, line])]


def _python() -> None:
    print("Python peers.", file=sys.stderr)
    if not PYTHON.exists():
        subprocess.run([sys.executable, "-m", "venv", PEERS / "python"], check=True)
    pip: list[str | Path] = [PYTHON, "-m", "pip", "--disable-pip-version-check", "--quiet", "install", "--no-deps"]
    one_by_one(pip, HERE / "python.txt")
    # It says it needs a later Python; its library is called through ctypes alone, and does not.
    one_by_one([*pip, "--ignore-requires-python"], HERE / "opa-library.txt")


def _node() -> None:
    npm = shutil.which("npm")
    if npm is None:
        print("npm is not on the PATH: Cerbos and OPA as WebAssembly are left out.", file=sys.stderr)
        return
    print("Node peers.", file=sys.stderr)
    NODE.mkdir(exist_ok=True)
    shutil.copy(HERE / "package.json", NODE)
    # No lock file: it would have to name packages of platforms that not every registry has. All versions are in package.json.
    npm_install = [npm, "install", "--loglevel=error", "--no-package-lock", "--no-audit", "--no-fund"]
    installed("Cerbos and OPA as WebAssembly", npm_install, NODE)


def main() -> None:
    """Install all that can be had here."""
    about = f"Install the peers into {PEERS}, by pip and npm, in pinned versions; whatever cannot be had is left out."
    argparse.ArgumentParser(prog="python -m benchmarks.peers.install", description=about).parse_args()
    PEERS.mkdir(exist_ok=True)
    _python()
    _node()


if __name__ == "__main__":
    main()
