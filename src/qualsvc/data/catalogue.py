"""The catalogue of statutory certificate types, and the certificate type records made from it.

A record's code is `catalogue:code` (`tsg-z6001-2019:N1`): catalogues reused their codes from version to version, so a code
alone would change its meaning under certificates already issued. The contract has no field for how well a row is known,
so the record's name ends in the row's verification, where every list, export and screen shows it.
"""

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib import resources
from typing import Any

COLUMNS = ("catalogue", "group", "code", "name_zh", "validity_months", "review_months", "source", "verification")
WARNING_DAYS = (90, 60, 30)
"""Person and supervisor, then plant HR and safety, then the head of department."""


@dataclass(frozen=True, slots=True)
class CatalogueRow:
    """One certificate type of one catalogue; the key is (catalogue, code), months are null where unknown."""

    catalogue: str
    group: str
    code: str
    name_zh: str
    validity_months: int | None
    review_months: int | None
    source: str
    verification: str

    @property
    def record_code(self) -> str:
        """The code of the certificate type record: unique across catalogues and their versions."""
        return f"{self.catalogue}:{self.code}"

    @property
    def record_name(self) -> str:
        """The Chinese name as the catalogue gives it, then how well the row is known."""
        return f"{self.name_zh}〔{self.verification}〕" if self.verification else self.name_zh


class CatalogueError(ValueError):
    """A catalogue file that cannot be used; the message names the line and what to do."""


def carried_catalogue() -> tuple[CatalogueRow, ...]:
    """The rows of `cn_certificate_types.csv`, in the order of the file."""
    return read_catalogue(resources.files("qualsvc.data").joinpath("cn_certificate_types.csv").read_text(encoding="utf-8"))


def read_catalogue(text: str) -> tuple[CatalogueRow, ...]:
    """Read CSV with the columns `COLUMNS`, in any order; raises `CatalogueError` for the first fault."""
    reader = csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline=""), strict=True)
    missing = [column for column in COLUMNS if column not in (reader.fieldnames or ())]
    if missing:
        raise CatalogueError(f"line 1: column {', '.join(f'`{column}`' for column in missing)} is missing; add it")
    rows: dict[tuple[str, str], CatalogueRow] = {}
    try:
        for cells in reader:
            row = _row(cells, reader.line_num)
            if rows.setdefault((row.catalogue, row.code), row) is not row:
                raise CatalogueError(
                    f"line {reader.line_num}: `{row.record_code}` is there twice; keep one, or name versions apart"
                )
    except csv.Error as fault:
        raise CatalogueError(f"line {reader.reader.line_num}: not readable as CSV ({fault}); check the quotes") from None
    return tuple(rows.values())


def certificate_type_documents(
    rows: Iterable[CatalogueRow], warning_days: Iterable[int] = WARNING_DAYS
) -> list[dict[str, Any]]:
    """Contract `certificate_type` records, statutory all, one a row and in its order."""
    warnings = list(warning_days)
    return [
        {
            "code": row.record_code,
            "name": row.record_name,
            "category": "statutory",
            "levels": [],
            "usable_while_renewing": False,
            "equivalents": [],
            "warning_days": list(warnings),
            "catalogue": row.catalogue,
            "catalogue_code": row.code,
            "validity_months": row.validity_months,
            "review_months": row.review_months,
        }
        for row in rows
    ]


def verification(certificate_type: Mapping[str, Any]) -> str | None:
    """How well the carried row behind a certificate type record is known; None for a type of another origin."""
    key = (certificate_type.get("catalogue"), certificate_type.get("catalogue_code"))
    return next((row.verification for row in carried_catalogue() if (row.catalogue, row.code) == key), None)


def _row(cells: Mapping[str | None, Any], line: int) -> CatalogueRow:
    texts = {column: cells[column] for column in COLUMNS}
    short = [column for column, text in texts.items() if text is None]
    if short or None in cells:
        raise CatalogueError(f"line {line}: {'fewer' if short else 'more'} cells than columns; quote cells that hold a comma")
    for column in ("catalogue", "code", "name_zh"):
        if not texts[column].strip():
            raise CatalogueError(f"line {line}: `{column}` is empty; it is part of what the type is known by")
    months = {column: _months(texts[column], column, line) for column in ("validity_months", "review_months")}
    return CatalogueRow(**{**{column: text.strip() for column, text in texts.items()}, **months})


def _months(text: str, column: str, line: int) -> int | None:
    if not text.strip():
        return None
    if not (text.strip().isascii() and text.strip().isdigit() and int(text) > 0):
        raise CatalogueError(f"line {line}: `{column}` is `{text}`; write whole months above 0, or leave it empty if unknown")
    return int(text)
