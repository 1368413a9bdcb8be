"""What an attack found: each of these fails until it is mended."""

import asyncio
import gc
from uuid import UUID

import pytest
from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

from qualsvc.ask.answering import standing
from qualsvc.ask.asked import Asked as Question
from qualsvc.http.quick import QuickHttp
from qualsvc.records.documents import to_document
from qualsvc.records.kinds import KINDS
from qualsvc.records.model import read_record
from qualsvc.replica.held import Held
from qualsvc.zones import load
from tests.ask.raw import Quickly, exchanged, served
from tests.ask.test_quick import IN_FULL, get
from tests.serving import PLANT, QUESTION, Running, eventually

pytestmark = pytest.mark.anyio


async def test_many_whole_heads_and_part_of_one(plant: Running) -> None:
    """Only the head that does not end counts for the bound on heads, not the whole requests that came in one piece with it."""
    many = 1500
    async with served(Quickly(plant)) as port:
        found = await exchanged(port, [get() * many + get()[:40], get()[40:]])
    statuses = {line for lines, _ in found.responses for line in lines if line.startswith(b"HTTP/")}
    assert {b"HTTP/1.1 200 OK"} == statuses
    assert many + 1 == len(found.responses)


@pytest.mark.parametrize(
    "before", [[IN_FULL["no key"]], [get(b"", target=b"/livez")], [get()]], ids=["refused", "other", "ask"]
)
async def test_a_line_end_is_no_request(plant: Running, before: list[bytes]) -> None:
    """A connection on which nothing but an empty line came since the last answer is idle, and closed like any other."""
    async with served(Quickly(plant), timeout_keep_alive=0.3) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for request in before:
            writer.write(request)
            await reader.readuntil(b"}")
        await asyncio.sleep(0.1)
        writer.write(b"\r\n")
        async with asyncio.timeout(5):
            await reader.read()
        writer.close()


async def test_what_was_read_before_the_end_of_patience(plant: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    """A request that was read and put on record is answered, though the connection was to be closed for idleness just then."""
    made: list[QuickHttp] = []
    begin = QuickHttp.connection_made

    def noted(self: QuickHttp, transport: asyncio.Transport) -> None:
        made.append(self)
        begin(self, transport)

    monkeypatch.setattr(QuickHttp, "connection_made", noted)
    async with served(Quickly(plant)) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(get())
        await reader.readuntil(b"}")
        await asyncio.sleep(0.1)
        (protocol,) = made
        before = plant.service.spool().sequence
        protocol.data_received(get())
        # The timer fires in the same turn, before what was staged is put on record.
        protocol._idle_from -= protocol.timeout_keep_alive
        protocol._look_whether_idle()
        async with asyncio.timeout(5):
            rest = await reader.read(65536)
        assert before + 1 == plant.service.spool().sequence
        assert b'"decision"' in rest
        writer.close()


async def test_what_a_vanished_client_left_is_let_go(plant: Running) -> None:
    """Requests nobody waits for any more go with their connection: the collector looks at what is old hardly ever."""
    made: list[object] = []
    async with served(Quickly(plant)) as port:
        await exchanged(port, [get()])
        gc.collect()
        gc.disable()
        try:
            for _ in range(3):
                reader, writer = await asyncio.open_connection("127.0.0.1", port)
                writer.write(IN_FULL["no key"] * 400)
                await reader.read(1)
                writer.transport.abort()
            await eventually(lambda: not plant.service.traffic.ask.running)
            await asyncio.sleep(0.5)
            made = [each for each in gc.get_objects() if isinstance(each, RequestResponseCycle)]
            left = len(made)
            made.clear()
        finally:
            gc.enable()
    assert left < 100


def test_causes_weigh() -> None:
    """What is remembered weighs by all its reasons, those of a supervisor too, who may have dozens."""
    many = 40
    types = [f"T{number}" for number in range(many)]
    lines = [line for line in PLANT if line["kind"] != "rule"]
    lines += [{"kind": "certificate_type", "code": code, "name": code, "category": "vocational"} for code in types]
    lines += [
        {
            "kind": "certificate",
            "code": f"K-{code}",
            "person": "E2",
            "type": code,
            "status": "valid",
            "valid_from": "2020-01-01",
        }
        for code in types
    ]
    rule = next(line for line in PLANT if line["kind"] == "rule")
    lines.append(rule | {"requirement": {"all": [{"certificate": {"type": code}} for code in types]}})
    records = [
        (line["kind"], line["code"], to_document(read_record(KINDS[line["kind"]].model, _fields(line)))) for line in lines
    ]
    held = Held.build(load, UUID(int=1), 0, records)
    asked = Question(**QUESTION | {"person": "E2"}, supervisor="E3")
    text = standing(held.snapshot, held.remembered, asked, 1_795_300_000_000_000)
    assert text.decision == "conditional"
    assert text.after.count('"certificate_missing"') == many
    assert len(held.remembered) > many


def _fields(line: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in line.items() if name != "kind"}
