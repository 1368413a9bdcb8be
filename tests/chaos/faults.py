"""What goes wrong: one fault after another, each drawn from the seed, held for a while and mended."""

import contextlib
import os
import random
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass

from tests.cli.commands import Started
from tests.faults.hosts import Host, is_gone, ready, words_of
from tests.faults.postgres import Postgres, children_of
from tests.faults.proxy import Proxy
from tests.faults.wall_clock import WallClock

HOUR_S = 3600.0
_LONGEST_S = 5.0
_REST_S = 20.0
_PAUSE_S = 4.0
_OFTENER = 3
"""What leaves processes alive: a start takes seconds, in which there is nothing else to see."""
_KEPT_EACH_S = 0.3
_GONE_S = 20.0
"""Those left behind notice within half a second, and then have their grace to end."""


class Keeper(threading.Thread):
    """Starts a service again whenever it ended, as whoever watches over services does; not while another has the `turn`.

    `complaints` tell of services that left processes behind.
    """

    def __init__(self, host: Host) -> None:
        super().__init__(daemon=True)
        self._host = host
        self._enough = threading.Event()
        self.turn = threading.Lock()
        self.complaints: list[str] = []
        self._left: list[tuple[Started, float]] = []

    def run(self) -> None:
        while not self._enough.wait(_KEPT_EACH_S):
            with self.turn:
                if not self._host.runs():
                    self._left.append((self._host.leave(), time.monotonic()))
                    self._host.launch()
            self._look_after_those_left()

    def _look_after_those_left(self) -> None:
        for command, since in self._left[:]:
            over = time.monotonic() - since > _GONE_S
            if over and not is_gone(command):
                self.complaints.append(f"{_GONE_S:.0f} s after the service of {self._host.base} ended, processes of it live on")
                os.killpg(command.process.pid, signal.SIGKILL)
            if over or is_gone(command):
                command.wait()
                self._left.remove((command, since))

    def finish(self) -> None:
        self._enough.set()
        self.join()
        for command, _ in self._left:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(command.process.pid, signal.SIGKILL)
            command.wait()


@dataclass(frozen=True)
class Site:
    """One host, who keeps it running, its cable to PostgreSQL and its clock."""

    name: str
    host: Host
    keeper: Keeper
    proxy: Proxy
    clock: WallClock


Fault = Callable[[random.Random], AbstractContextManager[None]]


class Faults(threading.Thread):
    """Breaks what it may, from beginning to `finish`. `told` counts what was done; `now` is what is broken at present."""

    def __init__(self, faults: dict[str, Fault], host: Host, seed: str) -> None:
        super().__init__(daemon=True)
        self._faults = faults
        self._host = host
        self._drawn = random.Random(seed)
        self._enough = threading.Event()
        self.told: Counter[str] = Counter()
        self.now = ""
        self.failure: BaseException | None = None

    def run(self) -> None:
        try:
            while not self._enough.wait(self._drawn.uniform(0.5, _PAUSE_S)):
                names = sorted(self._faults)
                (name,) = self._drawn.choices(names, [1 if "killed" in name else _OFTENER for name in names])
                self.now = name
                with self._faults[name](self._drawn):
                    self.told[name] += 1
                    self._enough.wait(self._drawn.uniform(0.1, _LONGEST_S))
                self.now = ""
                self._rest()
        except BaseException as error:
            self.failure = error
            raise

    def _rest(self) -> None:
        """Mostly until the host answers again: of one that is down nothing can be seen."""
        end = time.monotonic() + _REST_S * self._drawn.random()
        while time.monotonic() < end and not ready(self._host.base):
            self._enough.wait(0.2)

    def finish(self) -> None:
        """No more; what is broken is mended first."""
        self._enough.set()
        self.join()


def of_postgres(postgres: Postgres) -> dict[str, Fault]:
    """Those that befall every host at once."""

    @contextmanager
    def frozen(_: random.Random) -> Iterator[None]:
        postgres.freeze()
        try:
            yield
        finally:
            postgres.thaw()

    @contextmanager
    def restarted(drawn: random.Random) -> Iterator[None]:
        postgres.restart(drawn.choice(["fast", "immediate"]))
        yield

    @contextmanager
    def away(drawn: random.Random) -> Iterator[None]:
        postgres.stop(drawn.choice(["fast", "immediate"]))
        try:
            yield
        finally:
            postgres.start()

    return {"postgres frozen": frozen, "postgres restarted": restarted, "postgres away": away}


def of_site(site: Site) -> dict[str, Fault]:
    """Those of one host: its processes, its cable, its clock."""
    faults = _of_processes(site.host, site.keeper) | _of_cable(site.proxy) | {"clock": _clock(site.clock)}
    return {f"{site.name} {name}": fault for name, fault in faults.items()}


def _of_processes(host: Host, keeper: Keeper) -> dict[str, Fault]:
    @contextmanager
    def killed(drawn: random.Random) -> Iterator[None]:
        with keeper.turn:
            host.kill()
            if drawn.random() < 0.5:  # half the time it is started at once
                yield
                return
        yield

    @contextmanager
    def parent_killed(_: random.Random) -> Iterator[None]:
        _kill(host.pid)
        yield

    @contextmanager
    def worker_killed(drawn: random.Random) -> Iterator[None]:
        for pid in drawn.sample(workers := host.workers(), min(len(workers), drawn.randint(1, 2))):
            _kill(pid)
        yield

    @contextmanager
    def shipper_killed(_: random.Random) -> Iterator[None]:
        for pid in children_of(host.pid):
            if b"qualsvc.shipping" in words_of(pid):
                _kill(pid)
        yield

    @contextmanager
    def frozen(_: random.Random) -> Iterator[None]:
        host.freeze()
        try:
            yield
        finally:
            host.thaw()

    return {
        "killed": killed,
        "parent killed": parent_killed,
        "worker killed": worker_killed,
        "shipper killed": shipper_killed,
        "frozen": frozen,
    }


def _of_cable(proxy: Proxy) -> dict[str, Fault]:
    @contextmanager
    def mended() -> Iterator[None]:
        try:
            yield
        finally:
            proxy.heal()

    @contextmanager
    def silent(_: random.Random) -> Iterator[None]:
        with mended():
            proxy.silence()
            yield

    @contextmanager
    def listener_silent(_: random.Random) -> Iterator[None]:
        with mended():
            proxy.silence(proxy.listening())
            yield

    @contextmanager
    def cut(drawn: random.Random) -> Iterator[None]:
        with mended():
            proxy.cut(refusing=drawn.random() < 0.5)
            yield

    @contextmanager
    def slow(drawn: random.Random) -> Iterator[None]:
        with mended():
            proxy.delay(drawn.choice([0.005, 0.05, 0.3]))
            yield

    return {"cable silent": silent, "listener silent": listener_silent, "cable cut": cut, "cable slow": slow}


def _clock(clock: WallClock) -> Fault:
    @contextmanager
    def stepped(drawn: random.Random) -> Iterator[None]:
        clock.step(drawn.choice([HOUR_S, -HOUR_S, 3.0, -3.0, 1.5, -1.5, drawn.uniform(-10, 10)]))
        try:
            yield
        finally:
            clock.step(0)

    return stepped


def _kill(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
