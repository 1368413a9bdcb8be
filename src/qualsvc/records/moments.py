"""Instants as the kernel counts them, and as the database and pydantic take them."""

from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def instant_of(moment: datetime) -> int:
    """In microseconds."""
    return (moment - _EPOCH) // _MICROSECOND


def moment_of(instant: int) -> datetime:
    """The same in UTC, exactly."""
    return _EPOCH + instant * _MICROSECOND
