"""`qualsvc ask`: put one question to a running service and show the answer."""

import json
import os
from typing import Annotated, Any

import httpx
import typer

from qualsvc.cli.failure import fail

EXIT_CODES = {"allow": 0, "conditional": 3, "deny": 4}
EXIT_NO_ANSWER = 5
DEFAULT_URL = "http://127.0.0.1:8000"
TIMEOUT_S = 5.0
_SHOWN = 200
_HERE = ("http://127.", "http://localhost", "http://[::1]")
_EN = {
    "allow": "YES",
    "conditional": "YES, IF",
    "deny": "NO",
    "who": "{person} on {equipment} for {process}",
    "needs": "needs  ",
    "and": " and ",
    "supervisor_present": "a qualified supervisor present",
    "confirmation": "a confirmation",
    "why": "why    ",
    "holds": "holds  until {}",
    "holds_on": "holds  until something changes",
    "refused": "stays  no until {}",
    "refused_on": "stays  no until something changes",
    "worst": "first  at {worst_from}, within the time asked about",
    "before": "before that, the answer for {at} holds until {valid_until}",
    "recheck": "recheck by {}",
    "reconstructed": "only   by what was on record at {known_at}; nothing may act on it",
    "elsewhen": "only   about {at}; nothing may act on it now",
    "record": "on record as {decision_id} at revision {revision}",
}
_ZH = {
    "allow": "可以",
    "conditional": "有条件可以",
    "deny": "不可以",
    "who": "{person} 操作 {equipment}，工序 {process}",
    "needs": "须有   ",
    "and": "和",
    "supervisor_present": "具备资质的监护人在场",
    "confirmation": "有权人员确认",
    "why": "原因   ",
    "holds": "有效至 {}",
    "holds_on": "有效至情况变化为止",
    "refused": "至 {} 前均不可以",
    "refused_on": "情况变化之前均不可以",
    "worst": "所问时段内，最早自 {worst_from} 起如此",
    "before": "在此之前，{at} 的判定有效至 {valid_until}",
    "recheck": "须在 {} 前重新询问",
    "reconstructed": "仅为   按 {known_at} 时已登记的信息重算，不得据此作业",
    "elsewhen": "仅为   对 {at} 的判定，现在不得据此作业",
    "record": "已记录，编号 {decision_id}，版本 {revision}",
}


def ask(
    person: Annotated[str, typer.Argument(help="Code of the person.")],
    equipment: Annotated[str, typer.Argument(help="Code of the equipment.")],
    process: Annotated[str, typer.Argument(help="Code of the process.")],
    supervisor: Annotated[str | None, typer.Option(help="Code of the person supervising.")] = None,
    confirmed_by: Annotated[str | None, typer.Option(help="Code of the person confirming.")] = None,
    at: Annotated[str | None, typer.Option(help="Ask about another instant (RFC 3339).")] = None,
    until: Annotated[str | None, typer.Option(help="Ask about the whole time up to an instant.")] = None,
    known_at: Annotated[str | None, typer.Option(help="By what was on record at an instant; needs `ask:at`.")] = None,
    lang: Annotated[str, typer.Option(help="en or zh-CN.")] = "en",
    url: Annotated[str, typer.Option(envvar="QUALSVC_URL", help="Where the service runs.")] = DEFAULT_URL,
    as_json: Annotated[bool, typer.Option("--json", help="Print the answer as the service gave it.")] = False,
) -> None:
    """Ask whether PERSON may operate EQUIPMENT for PROCESS. The key is read from QUALSVC_API_KEY.

    Leaves with 0 for allow, 3 for conditional, 4 for deny, 5 when there was no answer: which means no.
    """
    key = os.environ.get("QUALSVC_API_KEY")
    if not key:
        fail("nothing was asked", "QUALSVC_API_KEY is not set", "set it to a key with the scope `ask`", EXIT_NO_ANSWER)
    question = {
        "person": person,
        "equipment": equipment,
        "process": process,
        "supervisor": supervisor,
        "confirmed_by": confirmed_by,
        "at": at,
        "until": until,
        "known_at": known_at,
        "lang": lang,
        "purpose": "query",
    }
    given = {name: value for name, value in question.items() if value is not None}
    answer = put(url, key, given)
    print(json.dumps(answer, ensure_ascii=False, indent=1) if as_json else told(answer, lang))
    raise SystemExit(EXIT_CODES[answer["decision"]])


def put(url: str, key: str, question: dict[str, str]) -> dict[str, Any]:
    """Put a question; leaves the program when there is no answer."""
    try:
        response = httpx.get(
            f"{url}/can-operate",
            params=question,
            headers={"Authorization": f"Bearer {key}"},
            timeout=TIMEOUT_S,
            trust_env=not url.startswith(_HERE),  # no proxy leads to this machine
        )
    except (httpx.HTTPError, httpx.InvalidURL, UnicodeEncodeError) as error:
        fail("no answer, so: no", f"{url}: {error}", "start the service, or name it with --url", EXIT_NO_ANSWER)
    if response.status_code != httpx.codes.OK:
        fail(f"no answer ({response.status_code}), so: no", _problem(response), "see docs/errors.md", EXIT_NO_ANSWER)
    try:
        answer: dict[str, Any] = response.json()
        told(answer)
    except (ValueError, KeyError, TypeError):
        why = f"what {url} sent is no answer: {response.text[:_SHOWN]}"
        fail("no answer, so: no", why, "name the service with --url", EXIT_NO_ANSWER)
    return answer


def told(answer: dict[str, Any], lang: str = "en") -> str:
    """An answer as lines for a person."""
    words = _ZH if lang == "zh-CN" else _EN
    decision, until = answer["decision"], answer["valid_until"]
    lines = [f"{words[decision]}  {words['who'].format_map(answer)}"]
    if answer.get("reconstructed"):
        lines.append("  " + words["reconstructed"].format_map(answer))
    elif answer["at"] != answer.get("asked_at", answer["at"]):
        lines.append("  " + words["elsewhen"].format_map(answer))
    ways = [words["and"].join(words.get(one, one) for one in way) for way in answer["obligations"]]
    lines += [f"  {words['needs']}{way}" for way in ways]
    for reason in answer["reasons"]:
        lines.append(f"  {words['why']}{reason['message']}  [{reason['code']}]")
        lines.append(f"         {reason['remedy']}")
    if answer.get("worst_from", answer["at"]) != answer["at"]:  # asked about a time: `valid_until` is that of its beginning
        lines += ["  " + words[line].format_map(answer) for line in ("worst", "before")]
    else:
        stays = "refused" if decision == "deny" else "holds"
        lines.append("  " + words[stays if until else f"{stays}_on"].format(until))
    if answer["recheck_by"]:
        lines.append("  " + words["recheck"].format(answer["recheck_by"]))
    lines.append("  " + words["record"].format_map(answer))
    return "\n".join(lines)


def _problem(response: httpx.Response) -> str:
    try:
        problem = response.json()
        errors = "; ".join(f"{error['pointer']}: {error['message']}" for error in problem.get("errors") or ())
        return f"{problem['code']}: {problem['detail']}" + (f" ({errors})" if errors else "")
    except (ValueError, KeyError, TypeError):
        return response.text[:_SHOWN]
