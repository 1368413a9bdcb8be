"""The failures that users meet, told in their three lines."""

from collections.abc import Iterator
from contextlib import contextmanager

from qualsvc.cli.failure import EXIT_FAILED, EXIT_USAGE, fail
from qualsvc.doctor.refusals import explained
from qualsvc.settings import SettingsError


@contextmanager
def told(failed: int = EXIT_FAILED) -> Iterator[None]:
    """Turn the failures that users meet into their three lines; a defect of ours keeps its traceback.

    `failed` is the status to leave with where something could not be done: for a command whose own status 1 says what it found.
    """
    try:
        yield
    except SystemExit as left:
        raise SystemExit(failed if left.code == EXIT_FAILED else left.code) from None
    except SettingsError as error:
        fail("the settings are not right", "\n       ".join(str(error).splitlines()), "mend or unset them", EXIT_USAGE)
    except Exception as error:
        finding = explained(error)
        if finding is None:
            raise
        fail(finding.what, finding.why, finding.do, failed)
