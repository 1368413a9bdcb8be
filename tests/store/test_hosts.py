"""The hosts of a URL, tried one by one."""

import asyncio
import socket
from time import monotonic
from urllib.parse import quote

import pytest

from qualsvc.store.engine import connect
from qualsvc.store.errors import DatabaseAway
from qualsvc.store.hosts import Host, hosts
from tests.faults.postgres import own_postgres


@pytest.mark.parametrize(
    ("url", "named"),
    [
        ("postgresql://u:p@h/d", [("h", None)]),
        ("postgresql://u:p@h:5433/d", [("h", 5433)]),
        ("postgresql://h1:5432,h2/d?target_session_attrs=any", [("h1", 5432), ("h2", None)]),
        ("postgresql://u:a%40b@[::1]:5432,[fe80::1]/d", [("::1", 5432), ("fe80::1", None)]),
        ("postgresql://u@/d?host=/run/a,/run/b&port=5432,5433", [("/run/a", 5432), ("/run/b", 5433)]),
        ("postgresql://u@/d?host=h1,h2&port=6432", [("h1", 6432), ("h2", 6432)]),
        ("postgresql://u@%2Frun%2Fpg/d", [("/run/pg", None)]),
        ("postgresql://u@%2Fvar%2Frun:5433/d", [("/var/run", 5433)]),
        ("postgresql://u@/d?host=::1,2001:db8::5&port=5433", [("::1", 5433), ("2001:db8::5", 5433)]),
        ("postgresql://h1,h2/d?port=5432,", [("h1", 5432), ("h2", None)]),
        ("postgresql://h1,h2/d?port=1,2,3", []),
        ("postgresql://h/d?port=abc", []),
        ("postgresql:///d", []),
    ],
)
def test_hosts_as_libpq_reads_them(url: str, named: list[Host]) -> None:
    """In the authority or in the query, with ports each or one for all, IPv6 and sockets too."""
    assert named == hosts(url)


@pytest.mark.anyio
async def test_a_silent_host_is_got_past() -> None:
    """A first host that takes the connection and says nothing has its own time-out; the connection that comes is kept alive."""
    with own_postgres(["127.0.0.1"], port=_free()) as server, socket.create_server(("127.0.0.1", 0)) as silent:
        both = f"127.0.0.1:{silent.getsockname()[1]},127.0.0.1:{server.port}"
        began = monotonic()
        connection = await connect(server.url_at(f"{both}/postgres?target_session_attrs=read-write"), timeout_s=0.5)
        assert monotonic() - began < 30
        try:
            assert 1 == await connection.fetchval("SELECT 1")
            ours = connection._transport.get_extra_info("socket")
            assert 1 == ours.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
            assert 3 == ours.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE)
            assert 8000 == ours.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT)
        finally:
            await connection.close()


@pytest.mark.anyio
@pytest.mark.parametrize("place", [f"/d?host={quote('/nowhere')}", "127.0.0.1:1,127.0.0.1:2/d"])
async def test_why_none_answers_is_told(place: str) -> None:
    """Where none answers, the reason is never empty."""
    with pytest.raises(DatabaseAway, match=r"the database does not answer: \S"):
        await connect(f"postgresql://u:p@{place}")


@pytest.mark.anyio
async def test_a_time_out_is_told() -> None:
    """A time-out has no words of its own."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        with pytest.raises(DatabaseAway, match="the database does not answer: TimeoutError"):
            await connect(f"postgresql://u:p@127.0.0.1:{silent.getsockname()[1]}/d", timeout_s=0.1)
        await asyncio.sleep(0)


def _free() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
