"""The document as it is committed and served."""

from functools import cache
from pathlib import Path


@cache
def committed_document() -> bytes:
    """The document inside the installed package, or at the root of the repository. Built ahead, for no request waits for it.

    Kept for the life of the process: one document, of the version that runs.
    """
    package = Path(__file__).resolve().parent
    for path in (package / "openapi.json", package.parents[2] / "openapi" / "openapi.json"):
        if path.is_file():
            return path.read_bytes()
    raise FileNotFoundError(f"no OpenAPI document in `{package}`; the installation is incomplete")
