"""`qualsvc demo`: a plant to try, from nothing, with its first answers."""

import asyncio
import os
import shlex
import socket
import sys
import time
from contextlib import suppress
from typing import Annotated

import httpx
import typer

from qualsvc.app import SPOOL, Service
from qualsvc.audit.keeping import Keeping
from qualsvc.cli.demo_plant import DemoPlant, prepare_plant
from qualsvc.cli.failure import EXIT_USAGE, fail
from qualsvc.cli.refusals import told
from qualsvc.cli.serving import listening, server, stop_cleanly
from qualsvc.cli.shipping import Shipping
from qualsvc.data import catalogue
from qualsvc.database import Database
from qualsvc.logs import configure_logs
from qualsvc.sample import CAST, CastMember
from qualsvc.settings import load_settings

_COMMAND = os.path.abspath(sys.argv[0])  # noqa: PTH100  a link into a virtual environment must stay one
_SHOWN = ("allowed", "expired", "trainee_alone", "trainee_supervised")
_PLURALS = (
    ("site", "sites"),
    ("person", "persons"),
    ("equipment", "machines"),
    ("process", "processes"),
    ("rule", "rules"),
    ("certificate_type", "certificate types"),
    ("certificate", "certificates"),
    ("training_record", "training records"),
)


def demo(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port to listen on; if taken, a free one.")] = 8000,
) -> None:
    """Serve the sample plant Harbour Machinery (港湾机械) and show its first answers. Ctrl-C stops it."""
    began = time.monotonic()
    with told(), suppress(KeyboardInterrupt):
        if os.environ.get("QUALSVC_DATABASE_URL"):
            why = "QUALSVC_DATABASE_URL is set, and the sample plant does not belong into a database of yours"
            fail("the demo was not started", why, "unset it: the demo brings its own database", EXIT_USAGE)
        configure_logs("warning", "plain")
        stop_cleanly()
        chosen = load_settings(os.environ)
        settings = chosen.model_copy(update={"data_dir": chosen.data_dir.absolute() / "demo", "bootstrap_api_key": None})
        _say("qualsvc demo: Harbour Machinery 港湾机械")
        database = Database(settings)
        with database as url:
            _step("database", database.name, began)
            plant = asyncio.run(prepare_plant(url, settings.data_dir))
            _step("plant", _counted(plant), began)
            service = Service(settings, url, revive=database.revive)
            with Shipping(settings.data_dir / SPOOL, url, Keeping.configured(settings), "warning", "plain"):
                _serve(service, plant, _socket(host, port), began)
    _say("stopped")


def _serve(service: Service, plant: DemoPlant, bound: socket.socket, began: float) -> None:
    host, port = bound.getsockname()[:2]
    base = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"

    async def first_answers() -> None:
        _step("serving", base, began)
        with suppress(httpx.HTTPError, BrokenPipeError):
            await _show(base, plant)

    server(service, first_answers).run([bound])


async def _show(base: str, plant: DemoPlant) -> None:
    """The first answers, each with the line that asks for it; lines are never wrapped, to be pasted as they are."""
    members = {member.outcome: member for member in CAST}
    headers = {"Authorization": f"Bearer {plant.door_key}"}
    async with httpx.AsyncClient(headers=headers, trust_env=False) as client:  # no proxy leads to this machine
        for outcome in _SHOWN:
            member = members[outcome]
            target = f"{base}/can-operate?{httpx.QueryParams(_question(member))}"
            answer = await client.get(target)
            _say(f"\n{member.english} {member.chinese}")
            _say(f"curl -s -H 'Authorization: Bearer {plant.door_key}' '{target}'")
            _say(answer.text)
        listed = await client.post(f"{base}/can-operate/batch", json={"questions": [_question(member) for member in CAST]})
    _say("\nwithout curl, and for people:")
    command = shlex.quote(_COMMAND)
    for outcome in ("expiring", "licence_below_tonnage"):
        member = members[outcome]
        _say(f"QUALSVC_API_KEY={plant.door_key} {command} ask {member.person} {member.equipment} {member.process} --url {base}")
    _say("\none person for each outcome:")
    for member, now in zip(CAST, listed.raise_for_status().json()["decisions"], strict=True):
        named = "".join(
            f" {name}={value}"
            for name, value in (("supervisor", member.supervisor), ("confirmed_by", member.confirmed_by))
            if value
        )
        asked = f"{member.person} {member.equipment} {member.process}{named}"
        decided = now["decision"]
        remark = member.english if decided == member.decision else f"was {member.decision}: the data were changed since"
        _say(f"  {member.outcome:<27} {asked:<44} {decided:<12} {remark}")
    _say("\ncertificate catalogues (and how well each is known):")
    for line in _catalogues():
        _say(f"  {line}")
    _say(f"\ndocumentation: README.md, docs/, and {base}/docs")
    _say(f"admin key for /v1 (and to authorize in /docs): {plant.admin_key}")
    _say("Ctrl-C stops it.")


def _question(member: CastMember) -> dict[str, str]:
    named = {"person": member.person, "equipment": member.equipment, "process": member.process}
    named |= {"supervisor": member.supervisor or "", "confirmed_by": member.confirmed_by or ""}
    return {name: value for name, value in named.items() if value}


def _catalogues() -> list[str]:
    known: dict[tuple[str, str], int] = {}
    for row in catalogue.carried_catalogue():
        known[row.catalogue, row.verification] = known.get((row.catalogue, row.verification), 0) + 1
    return [f"{name}: {number} types, {verification}" for (name, verification), number in known.items()]


def _counted(plant: DemoPlant) -> str:
    counted = ", ".join(f"{plant.counts[kind]} {plural}" for kind, plural in _PLURALS)
    return f"{counted}; {'made' if plant.remade else 'kept as made'} for {plant.made_on}"


def _socket(host: str, port: int) -> socket.socket:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            _say(f"  port {port} is taken; using a free one")
            port = 0
    return listening(host, port)


def _step(name: str, what: str, began: float) -> None:
    _say(f"  {name:<9} {what}  ({time.monotonic() - began:.1f} s)")


def _say(line: str) -> None:
    print(line, flush=True)
