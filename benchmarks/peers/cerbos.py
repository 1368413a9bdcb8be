"""Cerbos: a resource policy for each place, its conditions in CEL, over HTTP/1.1 with keep-alive and one resource a request.

It holds policies and no facts: who asks sends the person and the machine along, as made beforehand here, with the positions as
roles. Which policy applies is the kind of the resource, and that the asker knows. Certificates whose status does not count
are left out, and expiry and review are one date, the earlier. Audit and telemetry are off.
"""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.contestant import OverHttp, Serving
from benchmarks.peers.facts import Facts
from benchmarks.peers.formula import All, Certificate, Formula, Held, Leaf, Training, Waived, fold, written_out
from benchmarks.peers.install import NODE, node_missing
from benchmarks.peers.server import noon, posted
from benchmarks.plant import Asked, Plant
from benchmarks.processes import free_port, running

_OPERATING = 'R.attr.status == "in_service" && R.attr.day <= R.attr.inspected'
_MAINTAINING = 'R.attr.status in ["in_service", "locked_out"]'
_PERSON = (
    "P.attr.active && P.attr.from <= R.attr.day && R.attr.day <= P.attr.until && R.attr.day <= P.attr.company_until "
    "&& !P.attr.restricted.exists(area, area in R.attr.areas)"
)


def policy(facts: Facts, number: int) -> dict[str, Any]:
    """The policy of a place; each way in is a rule, for the role that is its position."""
    place = facts.places[number]
    guards = facts.narrowing(place.guards)
    rules = [
        {
            "actions": ["operate"],
            "effect": "EFFECT_ALLOW",
            "roles": ["*" if path.position is None else path.position],
            "condition": {
                "match": {
                    "expr": " && ".join(
                        [
                            _MAINTAINING if place.maintenance else _OPERATING,
                            _PERSON,
                            expression(All((*facts.narrowing(path.rules), *guards))),
                        ]
                    )
                }
            },
        }
        for path in place.paths
    ]
    return {
        "apiVersion": "api.cerbos.dev/v1",
        "resourcePolicy": {"version": "default", "resource": f"place_{number}", "rules": rules},
    }


def expression(formula: Formula) -> str:
    """A formula in CEL."""

    def all_of(parts: Sequence[str]) -> str:
        return f"({' && '.join(parts)})" if parts else "true"

    def any_of(parts: Sequence[str]) -> str:
        return f"({' || '.join(parts)})" if parts else "false"

    return fold(formula, _leaf, all_of, any_of, lambda number, parts: written_out(number, parts, all_of, any_of))


def _leaf(leaf: Leaf) -> str:
    match leaf:
        case Held(position):
            return f"{json.dumps(position)} in P.roles"
        case Waived(rule):
            return f"{json.dumps(rule)} in P.attr.waived"
        case Certificate():
            return f"({' || '.join(_certificate(leaf, json.dumps(type_)) for type_ in leaf.types)})"
        case Training():
            return _training(leaf, json.dumps(leaf.course))


def _certificate(asked: Certificate, type_: str) -> str:
    conditions = ["c.from <= R.attr.day", "R.attr.day <= c.until"]
    if asked.verified:
        conditions.append("c.verified")
    if asked.levels is not None:
        conditions.append(f"c.level in {json.dumps(asked.levels)}")
    if asked.scope is not None:
        conditions.append(f"{json.dumps(asked.scope)} in c.scopes")
    conditions += [
        f"{name} in c.limits && {name} in R.attr.ratings && c.limits[{name}] >= R.attr.ratings[{name}]"
        for name in map(json.dumps, asked.covers)
    ]
    return f"({type_} in P.attr.certificates && P.attr.certificates[{type_}].exists(c, {' && '.join(conditions)}))"


def _training(asked: Training, course: str) -> str:
    conditions = ["d.on <= R.attr.day", "R.attr.day < d.undone"]
    if asked.within_days is not None:
        conditions.append(f"R.attr.day <= d.on + {float(asked.within_days)}")
    minima = {"score": asked.min_score, "hours": asked.min_hours, "attendance": asked.min_attendance}
    conditions += [f"d.{name} >= {float(least)}" for name, least in minima.items() if least is not None]
    return f"({course} in P.attr.training && P.attr.training[{course}].exists(d, {' && '.join(conditions)}))"


def principal(code: str, person: dict[str, Any]) -> dict[str, Any]:
    """A person as a request says them."""
    kept = ("active", "from", "until", "company_until", "waived", "restricted", "training")
    usable = {type_: [one for one in held if one["usable"]] for type_, held in person["certificates"].items()}
    certificates = {
        type_: [
            {"until": min(one["until"], one["review"])}
            | {name: one[name] for name in ("from", "verified", "level", "scopes", "limits")}
            for one in held
        ]
        for type_, held in usable.items()
    }
    attributes = {name: person[name] for name in kept} | {"certificates": certificates}
    return {"id": code, "roles": person["positions"] or ["nobody"], "attr": attributes}


@contextmanager
def start(plant: Plant) -> Iterator[Serving]:
    """The server with all policies, and requests with all facts."""
    facts = Facts(plant, noon(plant))
    persons, machines = facts.persons(), facts.equipment()

    def request(asked: Asked) -> bytes:
        put = facts.put(asked)
        kind = f"place_{facts.place_of[put.equipment][put.process]}"
        resource = {"kind": kind, "id": put.equipment, "attr": machines[put.equipment] | {"day": put.day}}
        checked = [{"actions": ["operate"], "resource": resource}]
        return posted("/api/check/resources", {"principal": principal(put.person, persons[put.person]), "resources": checked})

    with TemporaryDirectory(prefix="qualsvc-cerbos-") as directory:
        policies = Path(directory) / "policies"
        policies.mkdir()
        for number, place in enumerate(facts.places):
            if place.paths:
                (policies / f"place_{number}.json").write_text(json.dumps(policy(facts, number)))
        port, grpc = free_port(), free_port()
        configuration = {
            "server": {"httpListenAddr": f"127.0.0.1:{port}", "grpcListenAddr": f"127.0.0.1:{grpc}"},
            "storage": {"driver": "disk", "disk": {"directory": str(policies), "watchForChanges": False}},
            "telemetry": {"disabled": True},
            "audit": {"enabled": False},
            "compile": {"cacheSize": len(facts.places)},
        }
        file = Path(directory) / "cerbos.yaml"
        file.write_text(json.dumps(configuration))
        binary = _binary()
        assert binary is not None, "it is not missing"
        command = [str(binary), "server", f"--config={file}", "--log-level=error"]
        with running(command, port, "/_cerbos/health") as process:
            yield Serving(port, [process.pid], request, read)


def read(body: bytes) -> bool:
    """Yes or no."""
    effect: str = json.loads(body)["results"][0]["actions"]["operate"]
    return effect == "EFFECT_ALLOW"


def _binary() -> Path | None:
    return next((NODE / "node_modules" / "@cerbos").glob("cerbos-*/cerbos-*"), None)


def _missing() -> str | None:
    if _binary() is None:
        return node_missing("cerbos") or "the package cerbos has no program for this machine."
    return None


CONTESTANTS = (OverHttp("cerbos", "0.51.0", start, _missing, rate=500),)
