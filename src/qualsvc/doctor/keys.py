"""The API keys: whether somebody can administer, and whether everybody has no more than they need."""

from collections.abc import Collection, Sequence

from qualsvc.access.keys import BOOTSTRAP
from qualsvc.doctor.findings import Finding, ok, problem, several, warning
from qualsvc.records.documents import Document
from qualsvc.records.faults import quote

_ASKING = frozenset({"ask", "ask:at"})
_SHOWN = 3


def key_findings(keys: Sequence[Document], persons: Collection[str]) -> list[Finding]:
    """What is amiss with these keys, `persons` being the codes of those there are."""
    good = [key for key in keys if key["revoked_at"] is None]
    admins = [key for key in good if "admin" in key["scopes"]]
    findings = []
    if not admins:
        why = "nobody can write rules for all, take over old waivers, or read what only an admin may"
        do = (
            "make one: `qualsvc keys create NAME --scope admin`; where there are no keys at all, the first `qualsvc serve` does"
        )
        findings.append(problem("keys", "no key has the scope `admin`", why, do))
    if len(good) == 1 and good[0]["name"] == BOOTSTRAP:
        why = "everybody who uses it may do everything, and the history cannot tell who did what"
        do = "make a key for each system and each person: `qualsvc keys create NAME --scope …`"
        findings.append(warning("keys", "the bootstrap key is the only one", why, do))
    elif not any(_ASKING.issuperset(key["scopes"]) for key in good):
        why = (
            "doors and machines then ask with a key that may also write or read records, and a stolen one opens more than doors"
        )
        do = "make one for each door or controller: `qualsvc keys create door-3 --scope ask`"
        findings.append(warning("keys", "no key may ask and nothing else", why, do))
    anonymous = [key for key in good if "approve" in key["scopes"] and "admin" not in key["scopes"] and not key.get("person")]
    if anonymous:
        what = f"{several(len(anonymous), 'key')} may approve and {'say' if len(anonymous) > 1 else 'says'} no person"
        why = f"{_named(anonymous)}: a waiver is refused to its own beneficiary only where the key says who uses it"
        do = "make them anew with `--person CODE`, and revoke these"
        findings.append(warning("keys", what, why, do))
    strangers = [key for key in good if key.get("person") and key["person"] not in persons]
    if strangers:
        what = f"{several(len(strangers), 'key')} {'name' if len(strangers) > 1 else 'names'} a person who is not there"
        why = (
            f"{_named(strangers)}: {', '.join(quote(key['person']) for key in strangers[:_SHOWN])} not found among the persons"
        )
        do = "register the person, or make the key anew with the right `--person` and revoke this one"
        findings.append(warning("keys", what, why, do))
    return findings or [
        ok("keys", f"{several(len(good), 'key')} in use, {len(admins)} of them admin, {len(keys) - len(good)} revoked")
    ]


def _named(keys: Sequence[Document]) -> str:
    shown = ", ".join(f"{quote(key['name'])} ({key['code']})" for key in keys[:_SHOWN])
    return shown + (f" and {len(keys) - _SHOWN} more" if len(keys) > _SHOWN else "")
