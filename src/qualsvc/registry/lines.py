"""The lines of a bulk request: from bytes to operations, every bad line named."""

from collections import defaultdict
from collections.abc import AsyncIterable, AsyncIterator
from dataclasses import replace
from typing import Any

from qualsvc.http.bodies import RECORD_LIMIT
from qualsvc.http.problems import Problem, invalid
from qualsvc.http.strict_json import MalformedJson, loads
from qualsvc.records.faults import Fault, InvalidRecord, escape, quote
from qualsvc.records.fields import is_code
from qualsvc.records.kinds import RECORD_KINDS, Kind
from qualsvc.records.model import read_record
from qualsvc.store.operations import Delete, Operation, Replace
from qualsvc.store.writing import MAX_FAULTS

MAX_RECORDS = 200_000

_KINDS = {kind.name: kind for kind in RECORD_KINDS}


async def numbered_lines(chunks: AsyncIterable[bytes]) -> AsyncIterator[tuple[int, bytes]]:
    """The lines that are not blank, with their numbers from 1; a line longer than a record may be is `Problem` 413."""
    number, rest = 0, bytearray()
    async for chunk in chunks:
        start = 0
        while (end := chunk.find(b"\n", start)) >= 0:
            rest += chunk[start:end]
            start, number = end + 1, number + 1
            if _spoken(rest, number):
                yield number, bytes(rest)
            rest.clear()
        rest += chunk[start:]
        _spoken(rest, number + 1)
    if _spoken(rest, number + 1):
        yield number + 1, bytes(rest)


def _spoken(line: bytearray, number: int) -> bool:
    if len(line) > RECORD_LIMIT:
        raise Problem(413, "line_too_long", f"line {number} is longer than {RECORD_LIMIT} bytes; a record is one short line")
    return bool(line.strip())


class Reader:
    """Collects the operations of a bulk request, and what is wrong with its lines."""

    def __init__(self) -> None:
        self.operations: list[Operation] = []
        self._lines: dict[str, dict[str, int]] = defaultdict(dict)
        self._faults: list[Fault] = []
        self._total = 0
        self._malformed = False

    def read(self, number: int, line: bytes) -> None:
        """Read one line."""
        if len(self.operations) >= MAX_RECORDS:
            raise Problem(413, "too_many_records", f"more than {MAX_RECORDS} records; send them in several requests")
        try:
            operation = _operation(number, loads(line))
            self._claim(operation, number)
            self.operations.append(operation)
        except MalformedJson as error:
            self._malformed = True
            self._add([Fault(error.pointer, "malformed_json", f"{error}; a line is one whole JSON object", number)])
        except InvalidRecord as error:
            self._add([replace(fault, line=number) for fault in error.faults])

    def _claim(self, operation: Operation, number: int) -> None:
        name, code = operation.kind.name, operation.code
        first = self._lines[name].setdefault(code, number)
        if first != number:
            message = f"{name} {quote(code)} is on line {first} already; name each record once"
            raise InvalidRecord([Fault("/code", "duplicate_record", message)])

    def close(self) -> list[Operation]:
        """The operations, or a `Problem` that names the bad lines: 400 when one is not JSON at all, else 422."""
        if self._total:
            raise invalid(self._faults, self._total, 400 if self._malformed else 422, "invalid_lines")
        return self.operations

    def _add(self, faults: list[Fault]) -> None:
        self._total += len(faults)
        self._faults += faults[: MAX_FAULTS - len(self._faults)]


def _operation(number: int, document: Any) -> Operation:
    if not isinstance(document, dict):
        raise InvalidRecord([Fault("", "wrong_type", "a line must be a JSON object")])
    fields = dict(document)
    kind = _kind(fields.pop("kind", None))
    match fields.pop("op", None):
        case None:
            return Replace(kind, read_record(kind.model, fields), number)
        case "delete":
            return Delete(kind, _only_code(fields), number)
        case other:
            raise InvalidRecord([Fault("/op", "not_one_of", f"{quote(other)} must be `delete`, or left out to replace")])


def _kind(name: Any) -> Kind:
    if name is None:
        raise InvalidRecord([Fault("/kind", "missing", "required; name the kind of record")])
    if not isinstance(name, str) or name not in _KINDS:
        raise InvalidRecord([Fault("/kind", "not_one_of", f"{quote(name)} must be one of {', '.join(_KINDS)}")])
    return _KINDS[name]


def _only_code(fields: dict[str, Any]) -> str:
    code = fields.pop("code", None)
    faults = [Fault(f"/{escape(name)}", "unknown_field", "a deletion names `kind` and `code` only") for name in fields]
    if code is None:
        faults.append(Fault("/code", "missing", "required; name the record to delete"))
    elif not isinstance(code, str) or not is_code(code):
        faults.append(Fault("/code", "invalid_code", f"{quote(code)} is no code, so there is nothing to delete"))
    if faults:
        raise InvalidRecord(faults)
    assert isinstance(code, str)
    return code
