"""What is being done, told on stderr: figures alone go elsewhere."""

import sys
import time

_BEGAN = time.monotonic()


def told(what: str) -> None:
    """With minutes and seconds since the start."""
    minutes, seconds = divmod(int(time.monotonic() - _BEGAN), 60)
    print(f"{minutes:3}:{seconds:02}  {what}", file=sys.stderr, flush=True)
