"""Settings, all from the environment with the prefix `QUALSVC_`; an unknown one is refused by name."""

import difflib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

PREFIX = "QUALSVC_"
_MIN_KEY = 32
CLIENT_VARIABLES = frozenset({"QUALSVC_API_KEY", "QUALSVC_URL"})
"""Read by `qualsvc ask`, not by the service."""
TEST_VARIABLES = frozenset({"QUALSVC_TEST_DATABASE_URL"})


class SettingsError(Exception):
    """What is wrong with the environment, a line each, and what to do."""


def _default_data_dir() -> Path:
    if os.geteuid() == 0:
        return Path("/var/lib/qualsvc")
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "qualsvc"


class Settings(BaseSettings):
    """How one process runs."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="forbid", frozen=True)

    database_url: str | None = None
    """A plain `postgresql://…` URL; unset, an embedded PostgreSQL runs in `data_dir`."""
    data_dir: Path = Field(default_factory=_default_data_dir)
    """Where the embedded PostgreSQL and the decision log's spool live."""
    bootstrap_api_key: Annotated[str | None, Field(min_length=_MIN_KEY, max_length=256)] = None
    """An admin key accepted from the first start: any 32 or more printable ASCII characters without space."""
    max_staleness_s: Annotated[float, Field(gt=0, le=3600)] = 10
    """Seconds the facts in memory may be out of touch with the database before asks answer 503 `stale`."""
    max_answer_age_s: Annotated[float, Field(gt=0, le=86_400)] = 300
    """Seconds after which no answer may be acted on (`recheck_by`)."""
    decision_log_sync: Literal["write", "fsync"] = "write"
    """`write` survives the death of the process, `fsync` also that of the machine."""
    spool_max_mb: Annotated[int, Field(ge=1)] = 4096
    """Megabytes that answers waiting to be shipped may take in `data_dir`; when they are full, asks answer 503."""
    signing_key: str | None = None
    """The Ed25519 key that signs checkpoints: 32 bytes in Base64, or PEM. Unset: the file's, or one made in `data_dir`."""
    signing_key_file: Path | None = None
    """A file that holds such a key."""
    checkpoint_interval_s: Annotated[float, Field(ge=0, le=86_400)] = 300
    """Seconds between two checkpoints, while there is something new; 0: none are made."""
    witness_file: Path | None = None
    """A file each checkpoint is appended to: on a disk that whoever owns the database cannot write."""
    witness_url: str | None = None
    """A URL (`https://…` or `http://…`) each checkpoint is posted to."""
    decision_retention_months: Annotated[int | None, Field(ge=1, le=1200)] = None
    """Whole months of decisions that are kept besides the running one; unset: all."""
    max_waiver_days: Annotated[int, Field(ge=1, le=3660)] = 30
    """Days a waiver may last, from its `valid_from` to its `valid_until`."""
    drain_s: Annotated[float, Field(ge=0, le=300)] = 3
    """Seconds that a process told to stop goes on answering, so that whoever sends it questions learns of it first."""
    log_level: Literal["debug", "info", "warning", "error"] = "info"

    @field_validator("database_url")
    @classmethod
    def _plain_postgresql(cls, url: str | None) -> str | None:
        if url is not None and not url.startswith(("postgresql://", "postgres://")):
            raise ValueError("must begin with `postgresql://`; no driver is named in it")
        if url is not None and not _is_readable(url):
            raise ValueError(
                "cannot be read; write `@ : / ? # %` in user or password as `%40 %3A %2F %3F %23 %25`, ports as numbers"
            )
        return url

    @field_validator("witness_file")
    @classmethod
    def _absolute(cls, file: Path | None) -> Path | None:
        if file is not None and not file.is_absolute():
            raise ValueError("must begin with `/`: where it is must not hang on where the service is started")
        return file

    @field_validator("witness_url")
    @classmethod
    def _web(cls, url: str | None) -> str | None:
        if url is not None and not (url.startswith(("http://", "https://")) and urlsplit(url).hostname):
            raise ValueError("must begin with `https://` or `http://` and name a host")
        return url

    @field_validator("bootstrap_api_key")
    @classmethod
    def _header_safe(cls, key: str | None) -> str | None:
        if key is not None and not all("!" <= character <= "~" for character in key):
            raise ValueError("must be printable ASCII without space, to travel in a header")
        return key


def load_settings(environment: Mapping[str, str]) -> Settings:
    """Read the settings. Raises SettingsError naming every variable that is unknown or wrong."""
    known = {PREFIX + name.upper() for name in Settings.model_fields}
    wrong = [
        _unknown(name, known)
        for name in sorted(environment)
        if name.upper().startswith(PREFIX) and name.upper() not in known | CLIENT_VARIABLES | TEST_VARIABLES
    ]
    try:
        settings = Settings()
    except ValidationError as error:
        for fault in error.errors(include_input=False, include_url=False):
            message = fault["msg"].removeprefix("Value error, ")
            wrong.append(f"{PREFIX}{str(fault['loc'][0]).upper()}: {message[:1].lower()}{message[1:]}")
    if wrong:
        raise SettingsError("\n".join(wrong))
    return settings


def _is_readable(url: str) -> bool:
    """Whether hosts and ports of the URL can be told apart from the rest."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    ports = [host.rpartition("]")[2].partition(":")[2] for host in parts.netloc.rpartition("@")[2].split(",")]
    return not parts.fragment and "@" not in parts.path and all(not port or port.isdecimal() for port in ports)


def _unknown(name: str, known: set[str]) -> str:
    near = difflib.get_close_matches(name.upper().removeprefix(PREFIX), [each.removeprefix(PREFIX) for each in known], n=1)
    return f"{name}: unknown" + (f"; is `{PREFIX}{near[0]}` meant?" if near else "; unset it, or see docs/settings.md")
