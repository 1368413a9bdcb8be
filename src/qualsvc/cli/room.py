"""Room for answers on the disk: without it nothing is answered, and it comes back only while answers of before are shipped."""

import time

import structlog

from qualsvc.app import SPOOL
from qualsvc.settings import Settings
from qualsvc.spool.spool import SpoolUnavailableError, prepare_directory

logger = structlog.get_logger("qualsvc.serve")

_POLL_S = 1.0


def has_room(settings: Settings) -> bool:
    """Whether answers can be put on file. Raises SpoolUnavailableError where that is not for want of room."""
    try:
        prepare_directory(settings.data_dir / SPOOL, settings.spool_max_mb * 1_000_000)
    except SpoolUnavailableError as error:
        if not error.is_full:
            raise
        logger.warning("no_room_for_answers", why=str(error))
        return False
    return True


def wait_for_room(settings: Settings) -> None:
    """Return once there is room, as somebody ships; raises as `has_room` does."""
    while not has_room(settings):
        time.sleep(_POLL_S)
