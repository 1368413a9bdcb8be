"""The database of this installation: the one that was named, or the embedded one for as long as it is used."""

from types import TracebackType
from urllib.parse import urlsplit

from qualsvc.embedded import EmbeddedPostgres
from qualsvc.embedded.standing import Standing, standing
from qualsvc.settings import Settings


class Database:
    """A context whose value is a `postgresql://…` URL that stays good inside it. Raises EmbeddedPostgresError."""

    def __init__(self, settings: Settings) -> None:
        self._url = settings.database_url
        self._place = settings.data_dir / "postgres"
        self._embedded = None if self._url else EmbeddedPostgres(self._place)

    def __enter__(self) -> str:
        if self._embedded is not None:
            return self._embedded.start()
        assert self._url is not None
        return self._url

    @property
    def name(self) -> str:
        """Which database this is, for people; without its password. Of the embedded one, where it really is."""
        if self._embedded is not None:
            return f"embedded PostgreSQL in {self._embedded.place or self._place}"
        parts = urlsplit(self._url or "")
        return f"{parts.netloc.rpartition('@')[2] or 'local'}{parts.path}"

    @property
    def standing(self) -> Standing | None:
        """What there is of the embedded server, without touching it; None when a database was named."""
        return standing(self._place) if self._embedded is not None else None

    def revive(self) -> None:
        """Start the embedded server again if it has died; a database that was named is not ours to start."""
        if self._embedded is not None:
            self._embedded.start()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._embedded is not None:
            self._embedded.stop()
