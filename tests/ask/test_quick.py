"""What is answered at once reads as the ordinary route's answer does, to whatever bytes."""

import asyncio
import gc
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from unittest.mock import patch

import pytest
from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

from qualsvc.access.issuing import revoke
from qualsvc.ask import decision_point
from qualsvc.http.quick import QuickHttp
from qualsvc.spool.format import read_entries
from qualsvc.spool.spool import Spool, SpoolUnavailableError
from tests.ask.raw import Asked, Exchange, Quickly, exchanged, served
from tests.serving import ADMIN_KEY, PATIENCE_S, QUESTION, Running, eventually

Heard = dict[str, Exchange]

pytestmark = pytest.mark.anyio

KEY = f"Authorization: Bearer {ADMIN_KEY}\r\n".encode()
FULL = b"person=E1&equipment=FORK-07&process=LOADING"


def get(query: bytes = FULL, headers: bytes = KEY, *, target: bytes = b"/can-operate?", version: bytes = b"1.1") -> bytes:
    return b"GET " + target + query + b" HTTP/" + version + b"\r\nHost: x\r\n" + headers + b"\r\n"


QUICK: dict[str, bytes] = {
    "plain": get(),
    "by badge": get(b"badge=B-1&equipment=FORK-07&process=LOADING"),
    "trial": get(b"person=E2&equipment=FORK-07&process=LOADING"),
    "supervised": get(b"person=E2&equipment=FORK-07&process=LOADING&supervisor=E1&lang=zh-CN"),
    "unknown person": get(b"person=nobody&equipment=FORK-07&process=LOADING"),
    "unknown place": get(b"person=E1&equipment=X&process=Y"),
    "escaped": get(b"person=%45%31&equipment=FORK-07&process=LOADING&purpose=%E8%A7%A3%E9%94%81"),
    "plus": get(b"person=E+1&equipment=FORK-07&process=LOADING"),
    "until": get(FULL + b"&until=2099-01-01T00:00:00Z"),
    "at": get(FULL + b"&at=2026-11-21T03:30:00Z&until=2026-11-22T03:30:00Z"),
    "purpose": get(FULL + b"&purpose=unlock"),
    "any revision": get(FULL + b"&min_revision=0"),
    "kept alive": get(headers=KEY + b"Connection: keep-alive\r\nAccept: */*\r\nUser-Agent: door/1\r\n"),
    "other case": get(headers=KEY.replace(b"Authorization: Bearer", b"AUTHORIZATION: bEARER")),
    "question mark": get(b"person=E?1&equipment=FORK-07&process=LOADING"),
}
IN_FULL: dict[str, bytes] = {
    "no key": get(headers=b""),
    "wrong key": get(headers=b"Authorization: Bearer nobody\r\n"),
    "two keys": get(headers=KEY + KEY),
    "other scheme": get(headers=KEY.replace(b"Bearer", b"Basic")),
    "no query": get(b""),
    "no question mark": get(b"", target=b"/can-operate"),
    "unknown parameter": get(FULL + b"&colour=red"),
    "repeated": get(FULL + b"&person=E2"),
    "missing": get(b"person=E1"),
    "empty": get(b"person=&equipment=FORK-07&process=LOADING"),
    "no value": get(b"person&equipment=FORK-07&process=LOADING"),
    "bad escape": get(b"person=%zz&equipment=FORK-07&process=LOADING"),
    "escaped NUL": get(b"person=%00&equipment=FORK-07&process=LOADING"),
    "not UTF-8": get(b"person=%ff&equipment=FORK-07&process=LOADING"),
    "raw NUL": get(b"person=\x00&equipment=FORK-07&process=LOADING"),
    "raw UTF-8": get("person=王&equipment=FORK-07&process=LOADING".encode()),
    "quote": get(b'person="E1"&equipment=FORK-07&process=LOADING'),
    "tab": get(b"person=E1\t&equipment=FORK-07&process=LOADING"),
    "space": get(b"person=E1 &equipment=FORK-07&process=LOADING"),
    "fragment": get(FULL + b"#door"),
    "absolute": get(target=b"http://x/can-operate?"),
    "slash": get(target=b"/can-operate/?"),
    "two slashes": get(target=b"//can-operate?"),
    "escaped path": get(target=b"/can%2Doperate?"),
    "another path": get(target=b"/can-operated?"),
    "bad instant": get(FULL + b"&at=noon"),
    "window over": get(FULL + b"&until=2020-01-01T00:00:00Z"),
    "revision reached": get(FULL + b"&min_revision=1"),
    "revision to come": get(FULL + b"&min_revision=999999999"),
    "what was known": get(FULL + b"&known_at=1999-01-01T00:00:00Z"),
    "known then": get(FULL + b"&known_at=2100-01-01T00:00:00Z"),
    "1.0": get(version=b"1.0"),
    "1.0 kept alive": get(headers=KEY + b"Connection: keep-alive\r\n", version=b"1.0"),
    "2.0": get(version=b"2.0"),
    "closing": get(headers=KEY + b"Connection: close\r\n"),
    "no body announced": get(headers=KEY + b"Content-Length: 0\r\n"),
    "a body": get(headers=KEY + b"Content-Length: 5\r\n") + b"hello",
    "two lengths": get(headers=KEY + b"Content-Length: 5\r\nContent-Length: 6\r\n") + b"hello",
    "chunks": get(headers=KEY + b"Transfer-Encoding: chunked\r\n") + b"5\r\nhello\r\n0\r\n\r\n",
    "both": get(headers=KEY + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n") + b"0\r\n\r\n",
    "expecting": get(headers=KEY + b"Expect: 100-continue\r\n"),
    "upgrading": get(headers=KEY + b"Connection: upgrade\r\nUpgrade: websocket\r\n"),
    "upgrading to 2": get(headers=KEY + b"Connection: upgrade, http2-settings\r\nUpgrade: h2c\r\n"),
    "HEAD": get().replace(b"GET", b"HEAD", 1),
    "POST": get(headers=KEY + b"Content-Length: 0\r\n").replace(b"GET", b"POST", 1),
    "DELETE": get().replace(b"GET", b"DELETE", 1),
    "lower case": get().replace(b"GET", b"get", 1),
    "folded header": get(headers=KEY + b"X-A: a\r\n b\r\n"),
    "header without colon": get(headers=KEY + b"nonsense\r\n"),
    "space before colon": get(headers=KEY + b"X-A : a\r\n"),
    "control in header": get(headers=KEY + b"X-A: a\x01b\r\n"),
    "bare line feeds": get().replace(b"\r\n", b"\n"),
    "bare carriage return": get(headers=KEY + b"X-A: a\rb\r\n"),
    "not HTTP": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    "no version": b"GET /can-operate?" + FULL + b"\r\n\r\n",
    "unfinished": get()[:-2],
}
SEQUENCES: dict[str, list[bytes]] = {
    "twice": [get(), get()],
    "thrice, other people": [get(), QUICK["trial"], QUICK["unknown person"]],
    "pipelined": [get() + QUICK["trial"] + get()],
    "pipelined around an ordinary one": [get() + get(b"", target=b"/livez") + QUICK["trial"]],
    "pipelined after an ordinary one": [get(b"", target=b"/livez") + QUICK["trial"]],
    "pipelined around a refusal": [get() + IN_FULL["missing"] + QUICK["trial"]],
    "a refusal between": [get(), IN_FULL["missing"], get()],
    "headers that change": [get(), IN_FULL["wrong key"], get(), IN_FULL["no key"]],
    "the key once only": [get(), get(headers=b"")],
    "closing in the end": [get(), get(), IN_FULL["closing"]],
    "line ends before": [b"\r\n\r\n" + get(), b"\r\n" + get()],
    "halves": [get()[:20], get()[20:], get()[:50], get()[50:]],
    "the end of one with the next": [get() + get()[:40], get()[40:]],
    "a target that ends a head": [get(), get(FULL + b" HTTP/1.1\r\nHost: x\r\n" + KEY + b"\r\nGET /can-operate?" + FULL)],
    "a head that does not end": [get(), get()[:-2] + b"X-A: " + b"a" * 40_000, b"a" * 40_000],
    "nonsense after": [get(), b"nonsense\r\n\r\n"],
    "nonsense in one piece": [get() * 2 + b"nonsense\r\n\r\n" + get()],
    "nonsense after an ordinary one": [get(b"", target=b"/livez") * 2 + b"nonsense\r\n\r\n"],
    "nonsense for a body": [
        get(b"", target=b"/livez") + get(headers=KEY + b"Transfer-Encoding: chunked\r\n") + b"zz\r\n" + get()
    ],
    "a pair and a head that does not end": [get() * 2 + get()[:-2] + b"X-A: " + b"a" * 80_000],
    "another protocol between": [get() + IN_FULL["upgrading to 2"] + get()],
    "a body after": [get(), get(headers=KEY + b"Content-Length: 5\r\n") + b"hello", get()],
}


async def both(plant: Running, pieces: Mapping[str, list[bytes]], asked: Asked) -> tuple[Heard, Heard]:
    """What each of the exchanges, all at the same time, hears by the ordinary protocol and by the quick one."""
    async with served(plant.service) as ordinary, served(Quickly(plant, asked)) as quick:
        heard = await asyncio.gather(*(exchanged(port, each) for port in (ordinary, quick) for each in pieces.values()))
    return dict(zip(pieces, heard, strict=False)), dict(zip(pieces, heard[len(pieces) :], strict=True))


async def test_the_same_at_once(plant: Running) -> None:
    """Plain asks are answered at once, also when they come again, and read as ever."""
    asked = Asked()
    ordinary, quick = await both(plant, {name: [request] * 3 for name, request in QUICK.items()}, asked)
    assert quick == ordinary
    assert dict.fromkeys(QUICK, 3) == {name: len(exchange.responses) for name, exchange in quick.items()}
    assert 3 * len(QUICK) == asked.given


@pytest.mark.parametrize("before", [[], [get()]], ids=["alone", "after another"])
async def test_the_same_in_full(plant: Running, before: list[bytes]) -> None:
    """All else is read by the server and answered by the application; alone, and after an ask that was answered at once."""
    asked = Asked()
    ordinary, quick = await both(plant, {name: [*before, request] for name, request in IN_FULL.items()}, asked)
    assert quick == ordinary
    assert len(before) * len(IN_FULL) == asked.given


async def test_the_same_in_turn(plant: Running) -> None:
    """Requests over one connection are answered each by itself and in order, whatever they have in common."""
    ordinary, quick = await both(plant, SEQUENCES, Asked())
    assert quick == ordinary


async def test_split_anywhere(plant: Running) -> None:
    """Wherever the network cuts two requests in pieces, both get their answers."""
    whole = get() + QUICK["trial"]
    async with served(Quickly(plant)) as port:
        expected = await exchanged(port, [whole])
        cuts = range(1, len(whole), 3)
        found = await asyncio.gather(*(exchanged(port, [whole[:cut], whole[cut:]]) for cut in cuts))
    assert 2 == len(expected.responses)
    assert [expected] * len(cuts) == found


async def test_a_flood_in_one_piece(plant: Running) -> None:
    """Of very many requests sent in one piece only a few are read in a turn of the loop; all are answered, in their order."""
    persons = [b"E1", b"E2", b"E3", b"nobody"]
    whole = b"".join(get(b"equipment=FORK-07&process=LOADING&person=" + persons[n % 4]) for n in range(200))
    turn, in_turn = 0, Counter[int]()
    begin = QuickHttp.on_message_begin

    def count_turns() -> None:
        nonlocal turn
        turn += 1
        going_on[0] = loop.call_soon(count_turns)

    def noted(self: QuickHttp) -> None:
        in_turn[turn] += 1
        begin(self)

    loop = asyncio.get_running_loop()
    going_on = [loop.call_soon(count_turns)]
    with patch.object(QuickHttp, "on_message_begin", noted):
        async with served(Quickly(plant)) as port:
            found = await exchanged(port, [whole])
    going_on[0].cancel()
    told = [document["person"].encode() for _, document in found.responses]
    assert [persons[n % 4] for n in range(200)] == told
    assert 200 == in_turn.total()
    assert max(in_turn.values()) <= 8


async def test_many_whole_heads_and_part_of_one(plant: Running) -> None:
    """Only the head that does not end counts for the bound on heads, not the whole requests that came in one piece with it."""
    many = 1500
    async with served(Quickly(plant)) as port:
        found = await exchanged(port, [get() * many + get()[:40], get()[40:]])
    statuses = {line for lines, _ in found.responses for line in lines if line.startswith(b"HTTP/")}
    assert {b"HTTP/1.1 200 OK"} == statuses
    assert many + 1 == len(found.responses)


async def test_defects_are_told(plant: Running) -> None:
    """Whatever goes wrong with the record, whoever waits for it hears of it, and keeps no place in a lane."""
    async with served(Quickly(plant)) as port:
        with patch.object(Spool, "append", side_effect=ZeroDivisionError):
            found = await exchanged(port, [get(), get()])
        assert ["internal", "internal"] == [document["code"] for _, document in found.responses]
        assert 200 == _status(await exchanged(port, [get()]))
    assert 0 == plant.service.traffic.ask.running


async def test_a_revoked_key_is_refused(plant: Running) -> None:
    """Known headers do not outlive the key in them."""
    token = await plant.key("ask")
    request = get(headers=f"Authorization: Bearer {token}\r\n".encode())
    async with served(Quickly(plant)) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for expected in (b"200", b"200", b"401"):
            if expected == b"401":
                await revoke(plant.engine, token.split("_")[1])
                await eventually(lambda: plant.service.replica.keys().find(token.encode()) is None)
            writer.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
            assert expected == head.split(b" ")[1]
            await reader.readexactly(int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0]))
        writer.close()


async def test_one_write_for_all_of_a_turn(plant: Running) -> None:
    """What is asked in one turn of the loop is put on record together, each answer under an id of its own."""
    sizes: list[int] = []
    append = Spool.append

    def counted(self: Spool, payloads: list[bytes]) -> None:
        sizes.append(len(payloads))
        append(self, payloads)

    with patch.object(Spool, "append", counted):
        answers = await asyncio.gather(*(plant.ask(**QUESTION) for _ in range(8)))
    assert 8 == sum(sizes)
    assert 8 > len(sizes)
    ids = [each.json()["decision_id"] for each in answers]
    assert 8 == len(set(ids))
    kept = {f"{entry.boot_id}-{entry.sequence}" for entry in read_entries(plant.service.spool().path)}
    assert set(ids) <= kept


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[QuickHttp]:
    """The server's sides of connections, in the order they were made."""
    found: list[QuickHttp] = []
    begin = QuickHttp.connection_made

    def noted(self: QuickHttp, transport: asyncio.Transport) -> None:
        found.append(self)
        begin(self, transport)

    monkeypatch.setattr(QuickHttp, "connection_made", noted)
    return found


async def test_who_asks_alone_waits_for_nobody(plant: Running, made: list[QuickHttp]) -> None:
    """The only ask of a turn is put on record at once; where the last turn had more, it waits for those of its own."""
    log = plant.service.spool()
    async with served(Quickly(plant)) as port:
        connections = [await asyncio.open_connection("127.0.0.1", port) for _ in range(2)]
        for reader, writer in connections:
            writer.write(get())
            await reader.readuntil(b"}")
        first, second = made
        before = log.sequence
        first.data_received(get())
        assert before + 1 == log.sequence
        second.data_received(get())
        assert before + 1 == log.sequence
        await asyncio.sleep(0)
        assert before + 2 == log.sequence
        first.data_received(get())
        assert before + 2 == log.sequence
        await asyncio.sleep(0)
        assert before + 3 == log.sequence
        for reader, writer in connections:
            async with asyncio.timeout(PATIENCE_S):
                assert b'"decision"' in await reader.readuntil(b"}")
            writer.close()


async def test_what_cannot_be_recorded_is_not_given(plant: Running) -> None:
    """Of a turn whose answers cannot be put on record none is given, over this protocol or that."""
    async with served(Quickly(plant)) as port:
        assert 200 == _status(await exchanged(port, [get()]))
        with patch.object(Spool, "append", side_effect=SpoolUnavailableError("the disk is on fire")):
            found = await asyncio.gather(
                *(exchanged(port, [get()]) for _ in range(4)), exchanged(port, [get(), get()]), exchanged(port, [get() * 3])
            )
        codes = {document["code"] for exchange in found for _, document in exchange.responses}
        assert {"audit_unavailable"} == codes
        assert 9 == sum(len(exchange.responses) for exchange in found)
        assert 200 == _status(await exchanged(port, [get()]))


async def test_late_for_the_record(plant: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the machine stood still between the answer and its record, it is neither recorded nor given."""
    before = plant.service.spool().sequence
    async with served(Quickly(plant)) as port:
        monkeypatch.setattr(decision_point, "_WITHIN", -1)
        ((_, problem),) = (await exchanged(port, [get()])).responses
    assert "stale" == problem["code"]
    assert before == plant.service.spool().sequence


@pytest.fixture
async def narrow(plant: Running) -> AsyncIterator[Running]:
    """A service whose lane for asks is full."""
    lane = plant.service.traffic.ask
    lane.running += lane.at_once
    yield plant
    lane.running -= lane.at_once


async def test_a_full_lane(narrow: Running) -> None:
    """Who is answered at once is counted in the lane like anybody, and refused when it is full."""
    ordinary, quick = await both(narrow, {"ask": [get()]}, Asked())
    assert quick == ordinary
    assert 429 == _status(quick["ask"])


async def test_draining(plant: Running) -> None:
    """A service that is about to end answers, and has the connection closed, by the ordinary way."""
    plant.service.draining = True
    try:
        ordinary, quick = await both(plant, {"ask": [get()]}, Asked())
    finally:
        plant.service.draining = False
    assert quick == ordinary
    assert quick["ask"].is_closed


async def test_idle_connections_are_closed(plant: Running) -> None:
    """A connection is kept for as long after an answer given at once as after any other, and no longer."""
    async with served(Quickly(plant), timeout_keep_alive=0.3) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        began = asyncio.get_running_loop().time()
        for _ in range(4):
            writer.write(get())
            await reader.readuntil(b"}")
            await asyncio.sleep(0.15)
        await reader.read()
        assert asyncio.get_running_loop().time() - began > 0.6
        writer.close()


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
        async with asyncio.timeout(PATIENCE_S):
            await reader.read()
        writer.close()


async def test_what_was_read_before_the_end_of_patience(
    plant: Running, made: list[QuickHttp], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A request that was read and put on record is answered, though the connection was to be closed for idleness just then."""
    async with served(Quickly(plant)) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(get())
        await reader.readuntil(b"}")
        (protocol,) = made
        before = plant.service.spool().sequence
        monkeypatch.setattr(protocol, "_settle_if_alone", lambda: None)
        protocol.data_received(get())
        # The timer fires in the same turn, before what was staged is put on record.
        assert protocol._idle is not None
        protocol._idle.cancel()
        protocol._idle_from -= protocol.timeout_keep_alive
        protocol._look_whether_idle()
        async with asyncio.timeout(PATIENCE_S):
            rest = await reader.readuntil(b"}")
        assert before + 1 == plant.service.spool().sequence
        assert b'"decision"' in rest
        writer.close()


@pytest.mark.parametrize("left", [IN_FULL["no key"] * 40, get() * 40, get(b"", target=b"/livez") + get()[:50]])
async def test_what_a_vanished_client_left_is_let_go(plant: Running, left: bytes) -> None:
    """Requests nobody waits for any more go with their connection: the collector looks at what is old hardly ever."""
    async with served(Quickly(plant)) as port:
        await exchanged(port, [get()])
        gc.collect()
        gc.disable()
        try:
            for _ in range(3):
                reader, writer = await asyncio.open_connection("127.0.0.1", port)
                writer.write(left)
                await reader.read(1)
                writer.transport.abort()
            await eventually(lambda: not _alive())
        finally:
            gc.enable()


def _alive() -> int:
    return sum(isinstance(each, RequestResponseCycle | QuickHttp) for each in gc.get_objects())


def _status(exchange: Exchange) -> int:
    ((lines, _),) = exchange.responses
    return int(next(line for line in lines if line.startswith(b"HTTP/")).split(b" ")[1])
