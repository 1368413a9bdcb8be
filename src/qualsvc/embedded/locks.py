"""Files locked by `flock`: the kernel drops the lock of whoever dies, so a kill -9 leaves nothing to clean."""

import fcntl
import os
import time
from pathlib import Path

from qualsvc.embedded.faults import EmbeddedPostgresError

POLL_S = 0.01


class Lock:
    """One open lock file. Closing it gives the lock up, unless another process inherited it."""

    def __init__(self, path: Path) -> None:
        # The file takes the owner of its directory: root may serve a user's data directory today, the user tomorrow.
        self.path = path
        try:
            self.fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
            if os.geteuid() == 0:
                above = path.parent.stat()
                os.fchown(self.fd, above.st_uid, above.st_gid)
        except OSError as error:
            raise EmbeddedPostgresError(
                f"cannot open the lock file `{path}`",
                error.strerror or str(error),
                "run as the user who owns that directory, or set QUALSVC_DATA_DIR to one of your own",
            ) from error

    def share(self) -> None:
        """Hold it beside others. Only called where no one can hold it alone for long."""
        fcntl.flock(self.fd, fcntl.LOCK_SH)

    def claim(self) -> bool:
        """Hold it alone, or say no at once."""
        try:
            fcntl.flock(self.fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def claim_within(self, seconds: float) -> bool:
        """Hold it alone, waiting up to `seconds` for it."""
        deadline = time.monotonic() + seconds
        while not self.claim():
            if time.monotonic() > deadline:
                return False
            time.sleep(POLL_S)
        return True

    def close(self) -> None:
        if self.fd >= 0:
            os.close(self.fd)
            self.fd = -1
