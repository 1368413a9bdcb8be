"""`python -m benchmarks.peers.install`: put the peers into `.peers/`, by pip and npm, in the versions pinned here.

Their dependencies never meet ours: Python ones have an environment of their own, Node ones a folder of their own.
"""

import shutil
import subprocess
import sys
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


def _install(what: str, command: list[str | Path]) -> None:
    """Whatever cannot be had is left out."""
    if subprocess.run(command, check=False).returncode:
        print(f"{what} cannot be installed here, and is left out.", file=sys.stderr)


def main() -> None:
    """Install all that can be had here."""
    PEERS.mkdir(exist_ok=True)
    print("Python peers.", file=sys.stderr)
    if not PYTHON.exists():
        subprocess.run([sys.executable, "-m", "venv", PEERS / "python"], check=True)
    pip: list[str | Path] = [PYTHON, "-m", "pip", "--disable-pip-version-check", "--quiet", "install"]
    pip += ["--no-deps"]
    for requirement in (HERE / "python.txt").read_text().splitlines():
        if requirement and not requirement.startswith("#"):
            _install(requirement, [*pip, requirement])
    # It says it needs a later Python; its library is called through ctypes alone, and does not.
    _install("the library of OPA", [*pip, "--ignore-requires-python", "--requirement", HERE / "opa-library.txt"])
    npm = shutil.which("npm")
    if npm is None:
        print("npm is not on the PATH: Cerbos and OPA as WebAssembly are left out.", file=sys.stderr)
        return
    print("Node peers.", file=sys.stderr)
    NODE.mkdir(exist_ok=True)
    shutil.copy(HERE / "package.json", NODE)
    # No lock file: it would have to name packages of platforms that not every registry has. All versions are in package.json.
    install = [npm, "install", "--silent", "--no-package-lock", "--no-audit", "--no-fund"]
    subprocess.run(install, cwd=NODE, check=True)


if __name__ == "__main__":
    main()
