"""Bulk lines: what a table of the sample says, read as a record, in the contract's exact shape."""

from copy import deepcopy
from typing import Any

from qualsvc.records.documents import Document, to_document
from qualsvc.records.kinds import KINDS
from qualsvc.records.model import read_record

Line = Document


def line(kind: str, code: str, **fields: Any) -> Line:
    """One bulk line with every field of its kind; raises `InvalidRecord` where a table contradicts the contract."""
    record = read_record(KINDS[kind].model, {"code": code, **fields})
    return {"kind": kind, **deepcopy(to_document(record))}  # copied, so that no line shares a requirement with the tables
