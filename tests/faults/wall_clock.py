"""A wall clock that a test sets, for real processes."""

import mmap
import struct
import subprocess
from pathlib import Path

_SOURCE = Path(__file__).with_name("wall_clock.c")


class WallClock:
    """The wall clock of every process started with `environment`; others keep the machine's."""

    def __init__(self, directory: Path) -> None:
        library, file = directory / "wall_clock.so", directory / "wall_clock"
        subprocess.run(["cc", "-shared", "-fPIC", "-O2", "-Wall", "-o", library, _SOURCE, "-ldl"], check=True)
        file.write_bytes(bytes(mmap.PAGESIZE))
        with file.open("r+b") as opened:
            self._offset = mmap.mmap(opened.fileno(), mmap.PAGESIZE)
        self.environment = {"LD_PRELOAD": str(library), "WALL_CLOCK": str(file)}

    def step(self, seconds: float) -> None:
        """Set it so far off the machine's clock; 0 sets it right."""
        self._offset[:8] = struct.pack("<q", int(seconds * 1e9))
