"""What an integrator's first afternoon looks like, with the generated client: ask, list, change, look back, be refused.

Run as `python smoke.py BASE KEY` with the client on the path; ends with 1 at the first answer that is not the one expected.
"""

import json
import sys
from io import BytesIO

from qualsvc_client import AuthenticatedClient, Client
from qualsvc_client.api.ask import can_operate, can_operate_batch, can_operate_post
from qualsvc_client.api.bulk import bulk
from qualsvc_client.api.course import delete_course
from qualsvc_client.api.equipment import get_equipment, history_of_equipment, list_equipment, patch_equipment, put_equipment
from qualsvc_client.api.operate import readyz
from qualsvc_client.api.rule import get_rule
from qualsvc_client.models import (
    AllOfRequirement,
    Batch,
    Decision,
    EquipmentPatch,
    EquipmentPut,
    EquipmentStatus,
    Problem,
    Question,
    ReasonCode,
)
from qualsvc_client.types import UNSET, File

base, key = sys.argv[1:]
client = AuthenticatedClient(base_url=base, token=key, raise_on_unexpected_status=True)


def told(step: str, said: str) -> None:
    print(f"    {step:<10} {said}", flush=True)


def ask() -> None:
    allowed = can_operate.sync(client=client, person="E1001", equipment="BC-02", process="LIFT", purpose="unlock")
    assert allowed.allowed
    denied = can_operate_post.sync(client=client, body=Question(person="E1003", equipment="BC-02", process="LIFT"))
    assert (denied.decision, [reason.code for reason in denied.reasons]) == (Decision.DENY, [ReasonCode.CERTIFICATE_EXPIRED])
    told("ask", f"E1001 may, E1003 may not: {denied.reasons[0].message}")
    trainee = Question(person="E1010", equipment="CNC-01", process="MACHINING")
    supervised = Question(person="E1010", equipment="CNC-01", process="MACHINING", supervisor="E1092")
    batch = can_operate_batch.sync(client=client, body=Batch(questions=[trainee, supervised]))
    decisions = [answer.decision.value for answer in batch.decisions]
    assert decisions == ["conditional", "allow"]
    told("batch", f"a trainee alone and supervised: {', '.join(decisions)}")


def everything_listed() -> None:
    codes, cursor = [], UNSET
    while cursor is not None:
        page = list_equipment.sync(client=client, limit=8, site="HAM", cursor=cursor)
        codes += [item.code for item in page.items]
        cursor = page.next_cursor
    assert len(set(codes)) == 11
    told("list", f"{len(codes)} machines at Hamburg, in pages of 8")
    rule = get_rule.sync("CRANE-NGB", client=client)
    assert isinstance(rule.requirement, AllOfRequirement)


def change() -> None:
    read = get_equipment.sync_detailed("BC-01", client=client)
    tag = read.headers["ETag"]
    body = EquipmentPut.from_dict(read.parsed.to_dict())
    body.status = EquipmentStatus.LOCKED_OUT
    put = put_equipment.sync_detailed("BC-01", client=client, body=body, if_match=tag)
    assert (put.status_code, put.parsed.status) == (200, EquipmentStatus.LOCKED_OUT)
    body.status = EquipmentStatus.RETIRED
    lost = put_equipment.sync("BC-01", client=client, body=body, if_match=tag)
    assert isinstance(lost, Problem)
    assert (lost.status, lost.code) == (412, "precondition_failed")
    told("put", f"revision {put.headers['Revision']}; with the version of before: {lost.code}")
    patched = patch_equipment.sync("BC-01", client=client, body=EquipmentPatch(status=EquipmentStatus.IN_SERVICE))
    assert patched.status == EquipmentStatus.IN_SERVICE
    history = history_of_equipment.sync("BC-01", client=client)
    statuses = [change.after["status"] for change in history.items]
    assert statuses == ["in_service", "locked_out", "in_service"]
    told("history", " → ".join(statuses))


def refused() -> None:
    unknown = patch_equipment.sync("BC-01", client=client, body=EquipmentPatch(equipment_class="NONE"))
    assert (unknown.status, unknown.code, unknown.errors[0].pointer) == (422, "unknown_reference", "/equipment_class")
    told("error", f"{unknown.status} {unknown.errors[0].message}")
    stranger = Client(base_url=base)
    assert readyz.sync(client=stranger).lag == 0
    nobody = list_equipment.sync(client=stranger)
    assert (nobody.status, nobody.code) == (401, "unauthorized")


def much_at_once() -> None:
    lines = "".join(json.dumps({"kind": "course", "code": code, "name": "Smoke"}) + "\n" for code in ("PY-1", "PY-2"))
    sent = bulk.sync(client=client, body=File(payload=BytesIO(lines.encode())), idempotency_key="smoke-py")
    assert sent.created == 2
    assert delete_course.sync_detailed("PY-2", client=client).status_code == 204
    told("bulk", "two courses made, one deleted")


ask()
everything_listed()
change()
refused()
much_at_once()
