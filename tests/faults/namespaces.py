"""Hosts that are hosts to the network: each a namespace with a cable of its own to a switch, on which PostgreSQL listens.

Needs root and the right to administer networks.
"""

import ctypes
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

_CLONE_NEWNET = 0x40000000
_LIBC = ctypes.CDLL(None, use_errno=True)


class Switch:
    """A bridge at `address`, in a network of 254 hosts that nothing else here uses."""

    def __init__(self) -> None:
        self._mark = f"{os.getpid() % 0xFFFF:04x}"
        self._bridge = f"qs-{self._mark}"
        self._network = f"10.{200 + os.getpid() % 50}.{os.getpid() % 251}"
        self.address = f"{self._network}.1"
        self._namespaces: list[str] = []
        _ip("link", "add", self._bridge, "type", "bridge")
        _ip("addr", "add", f"{self.address}/24", "dev", self._bridge)
        _ip("link", "set", self._bridge, "up")

    def add(self) -> "Namespace":
        """Another host, plugged in."""
        number = len(self._namespaces) + 2
        name, cable = f"{self._bridge}-{number}", f"qv{number}-{self._mark}"
        self._namespaces.append(name)
        _ip("netns", "add", name)
        _ip("link", "add", cable, "type", "veth", "peer", "name", "eth0", "netns", name)
        _ip("link", "set", cable, "master", self._bridge, "up")
        for words in (("addr", "add", f"{self._network}.{number}/24", "dev", "eth0"), ("link", "set", "eth0", "up")):
            _ip("-n", name, *words)
        _ip("-n", name, "link", "set", "lo", "up")
        return Namespace(name, cable, self._bridge)

    def remove(self) -> None:
        for name in self._namespaces:
            _ip("netns", "del", name)
        _ip("link", "del", self._bridge)


class Namespace:
    """The network of one host; `cable` is the end of its cable at the switch."""

    def __init__(self, name: str, cable: str, bridge: str) -> None:
        self._name = name
        self._cable = cable
        self._bridge = bridge

    @contextmanager
    def inside(self) -> Iterator[None]:
        """In this thread: processes started and sockets made in this block are in that network, and stay there."""
        own = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
        there = os.open(f"/run/netns/{self._name}", os.O_RDONLY)
        try:
            _enter(there)
            yield
        finally:
            _enter(own)
            os.close(own)
            os.close(there)

    def unplug(self) -> None:
        """What is sent over the cable is lost, and neither side is told: its ends stay up."""
        _ip("link", "set", self._cable, "nomaster")

    def plug(self) -> None:
        _ip("link", "set", self._cable, "master", self._bridge)


@contextmanager
def switch() -> Iterator[Switch]:
    """A network for the length of a block. Fails where this process may not make one."""
    assert os.geteuid() == 0, "only root can make networks: run this test as root, with CAP_NET_ADMIN and CAP_SYS_ADMIN"
    made = Switch()
    try:
        yield made
    finally:
        made.remove()


def _enter(namespace: int) -> None:
    if _LIBC.setns(namespace, _CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), "cannot enter the network namespace")


def _ip(*words: str) -> None:
    done = subprocess.run(["ip", *words], capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"ip {' '.join(words)}: {done.stderr.strip()}"
