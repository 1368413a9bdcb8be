"""The command line.

This module and `failure` are read by any Python, to say that it will not do before anything else fails.
"""

import gc
import platform
import sys

from qualsvc.cli.failure import fail

OLDEST, NEWEST = (3, 11), (3, 13)


def main() -> None:
    """Entry point of the `qualsvc` command."""
    if not OLDEST <= sys.version_info[:2] <= NEWEST:
        why = f"it is {platform.python_implementation()} {platform.python_version()}, `{sys.executable}`"
        do = "install qualsvc into a CPython 3.11, 3.12 or 3.13; `make` in a clone finds one by itself"
        fail("this Python cannot run qualsvc", why, do)
    gc.disable()  # what is imported stays
    try:
        from qualsvc.cli.program import program  # noqa: PLC0415 -- what is imported there may be missing
        from qualsvc.records.describing import Describing  # noqa: PLC0415 -- so may this

        Describing.wanted = sys.argv[1:2] == ["openapi"]
        run = program(sys.argv[1:2])
    except ImportError as error:
        from qualsvc.doctor.installation import installation  # noqa: PLC0415 -- wanted only then

        found = next(finding for finding in [*installation(), None] if finding is None or finding.level != "ok")
        if found is None:
            do = "install it anew; in a clone remove .venv and run `make`"
            fail("this installation is not whole", f"{type(error).__name__}: {error}", do)
        fail(found.what, found.why, found.do)
    gc.freeze()
    gc.enable()
    run()
