"""Makes .venv hold exactly what requirements/dev.txt locks, and this project as an editable install.

Runs on the Python that `find-python` chose, with the standard library only. `--check` only tells by its exit code
whether there is anything to do. Two stamps in .venv say what was installed to the end; an interrupted
installation leaves none and is done again. A lock on the project's directory keeps two `make` apart.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
VENV_PYTHON = VENV / "bin" / "python"
LOCK = ROOT / "requirements" / "dev.txt"
TELL = "import pip, sys; print('%d.%d' % sys.version_info[:2])"


def digest(*parts: bytes) -> str:
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def stamps(version: str) -> dict[Path, str]:
    """What the stamps say when everything is in place: the locked packages, and the project's own install."""
    place = os.fsencode(VENV)  # a moved venv does not work: its scripts name their Python by its whole path
    packages = digest(version.encode(), place, LOCK.read_bytes())
    return {
        VENV / "stamp-packages": packages,
        VENV / "stamp-project": digest(packages.encode(), (ROOT / "pyproject.toml").read_bytes()),
    }


def is_current(version: str) -> bool:
    return all(path.exists() and path.read_text() == content for path, content in stamps(version).items())


def venv_version() -> str | None:
    """The version of the Python in .venv, `3.12`; None when it is not there or does not work."""
    try:
        told = subprocess.run([VENV_PYTHON, "-c", TELL], capture_output=True, text=True, check=False)
    except OSError:
        return None
    return told.stdout.strip() if told.returncode == 0 else None


def usable(version: str | None, chosen: str) -> bool:
    """Whether the Python in .venv may stay: it works, fits, was made here, and no other was asked for by name."""
    if version is None or version not in ("3.11", "3.12", "3.13") or (os.environ.get("PYTHON") and version != chosen):
        return False
    marker = VENV / "stamp-place"
    return not marker.exists() or marker.read_text() == str(VENV)


def pip(*words: str) -> None:
    command = [VENV_PYTHON, "-m", "pip", "--disable-pip-version-check", "--no-input", "install", "-qq", *words]
    # An index of the user's own stays in force; an active venv of the user's must not.
    environment = {name: value for name, value in os.environ.items() if name not in ("PYTHONHOME", "PYTHONPATH", "PIP_USER")}
    if subprocess.run(command, env=environment, check=False).returncode != 0:
        sys.exit(
            "The installation failed; what pip said is above. Most often the package index cannot be reached:\n"
            "look at the network, the proxy or pip's configuration, then run make again; it goes on from here."
        )


def install(chosen: str) -> None:
    began = time.monotonic()
    version = venv_version()
    if not usable(version, chosen):
        if VENV.exists():
            print(f"Removing {VENV}: it was not finished, was moved, or is of another Python.", flush=True)
            shutil.rmtree(VENV)
        print(f"Making a virtual environment in {VENV} with {sys.executable} (Python {chosen}), some seconds.", flush=True)
        subprocess.run([sys.executable, "-m", "venv", VENV], check=True)
        version = chosen
    (VENV / "stamp-place").write_text(str(VENV))
    assert version is not None
    for path, content in stamps(version).items():
        if path.exists() and path.read_text() == content:
            continue
        path.unlink(missing_ok=True)
        if path.name == "stamp-packages":
            print("Installing the packages of requirements/dev.txt (about 100 MB), a minute or so the first time.", flush=True)
            pip("--require-hashes", "--requirement", str(LOCK))
        else:
            print("Installing qualsvc itself, some seconds.", flush=True)
            pip("--no-deps", "--no-build-isolation", "--editable", str(ROOT))
        path.write_text(content)
    print(f"Ready after {time.monotonic() - began:.0f} s.", flush=True)


def main() -> int:
    chosen = "{}.{}".format(*sys.version_info[:2])
    if "--check" in sys.argv:
        return 0 if usable(chosen, chosen) and is_current(chosen) else 1
    directory = os.open(ROOT, os.O_RDONLY)
    try:
        fcntl.flock(directory, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        print("Waiting for another make that installs here.", flush=True)
        fcntl.flock(directory, fcntl.LOCK_EX)
    version = venv_version()
    if not (version and usable(version, chosen) and is_current(version)):
        install(chosen)
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
