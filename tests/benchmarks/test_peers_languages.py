"""The same requirements in the languages of the peers."""

import json
import re
from datetime import date

import pytest
from benchmarks.peers import cedar, cerbos, opa, oso, rego, rego_allow
from benchmarks.peers.facts import Facts
from benchmarks.peers.formula import All, Any, AtLeast, Certificate, Held, Training
from benchmarks.peers.install import HERE
from benchmarks.peers.server import noon, posted
from benchmarks.plant import plant

LICENCE = Certificate(types=("LIC", "OLD"), levels=None, scope=None, verified=True, covers=())
RATED = Certificate(types=("AUTH",), levels=("L2", "L3"), scope="remote", verified=False, covers=("t",))
COURSE = Training("FIRST-AID", within_days=730, min_score=80, min_hours=None, min_attendance=None)


@pytest.fixture(scope="module")
def facts() -> Facts:
    made = plant(persons=60, equipment=40, processes=20, rules=120, day=date(2026, 11, 21))
    return Facts(made, noon(made))


def test_cedar_looks_at_as_many_certificates_as_anybody_has() -> None:
    """Each under its type and number; a type that nobody has is met by nobody."""
    text = cedar.expression(LICENCE, {"LIC": 2})
    assert ['"LIC#0"', '"LIC#1"'] == sorted(set(re.findall(r'"[^"]*"', text)))
    assert "false" == cedar.expression(LICENCE, {})


def test_cedar_has_limits_in_thousandths() -> None:
    """It knows whole numbers only."""
    text = cedar.expression(COURSE, {"FIRST-AID": 1})
    assert 'principal.training["FIRST-AID#0"].score >= 80000' in text


def test_cel_goes_through_the_certificates_of_each_type() -> None:
    """One that counts is enough, of the asked type or an equivalent."""
    text = cerbos.expression(LICENCE)
    assert 2 == text.count(".exists(c, c.from <= R.attr.day && R.attr.day <= c.until && c.verified)")
    assert '"t" in c.limits && "t" in R.attr.ratings && c.limits["t"] >= R.attr.ratings["t"]' in cerbos.expression(RATED)


def test_languages_without_n_of_have_it_written_out() -> None:
    """Two of three is any two together."""
    two = AtLeast(2, (Held("a"), Held("b"), Held("c")))
    assert (
        '(("a" in P.roles && "b" in P.roles) || ("a" in P.roles && "c" in P.roles) || ("b" in P.roles && "c" in P.roles))'
        == (cerbos.expression(two))
    )
    assert "((x and x) or (x and x) or (x and x))" == oso.polar(two, lambda _: "x")


def test_nothing_asked_is_met_and_no_way_in_is_not() -> None:
    """Of no parts, all is true and any is false."""
    assert ("true", "false") == (cerbos.expression(All(())), cerbos.expression(Any(())))
    assert ("true", "false") == (cedar.expression(All(()), {}), cedar.expression(Any(()), {}))
    assert ("true", "false") == (oso.polar(All(()), str), oso.polar(Any(()), str))


def test_rego_has_a_body_for_each_type_that_counts() -> None:
    """And a leaf of training one."""
    assert ["LIC", "OLD"] == [re.findall(r'certificates\["(.*)"\]', body[0])[0] for body in rego_allow.bodies(LICENCE)]
    assert ["input.day <= done.on + 730", "done.score >= 80"] == rego_allow.bodies(COURSE)[0][-2:]


def test_rego_names_only_leaves_and_places_that_are_written(facts: Facts) -> None:
    """Every reference from one module to another leads somewhere."""
    modules = rego_allow.policies(facts)
    written = {f"data.{text.split()[1]}" for text in modules.values()}
    named = {name for text in modules.values() for name in re.findall(r"data\.(?:leaf|place)\.\w+", text)}
    assert named <= written
    assert {f"data.place.{place}" for of in rego_allow.data(facts)["place_of"].values() for place in of.values()} <= written


def test_rego_data_has_all_that_its_places_name(facts: Facts) -> None:
    """Rules by code, and leaves by number."""
    data = rego.data(facts)
    assert {code for place in data["places"] for code in place["rules"]} <= set(data["rules"])
    numbers = {number for rule in data["rules"].values() for clause in rule["asks"] for number in clause}
    assert numbers <= set(range(len(data["leaves"])))
    assert 10 == data["rules"]["U-FIT-CRANE"]["enforced"]


def test_a_cerbos_policy_has_a_rule_for_each_way_in(facts: Facts) -> None:
    """For the role that is its position, or for everybody."""
    number = next(number for number, place in enumerate(facts.places) if len(place.paths) > 1)
    rules = cerbos.policy(facts, number)["resourcePolicy"]["rules"]
    assert ["*" if path.position is None else path.position for path in facts.places[number].paths] == [
        *(role for rule in rules for role in rule["roles"])
    ]


def test_cerbos_is_told_certificates_until_the_earlier_of_expiry_and_review() -> None:
    """Those whose status does not count are left out; somebody without a position has a role all the same."""
    held = {"usable": True, "from": 1, "until": 9, "review": 7, "verified": True, "level": "", "scopes": [], "limits": {}}
    gates = {"active": True, "from": 0, "until": 9, "company_until": 9, "waived": [], "restricted": [], "training": {}}
    told = cerbos.principal("P1", {**gates, "positions": [], "certificates": {"LIC": [held, {**held, "usable": False}]}})
    assert ["nobody"] == told["roles"]
    assert [7] == [one["until"] for one in told["attr"]["certificates"]["LIC"]]


def test_answers_are_read_from_their_bodies() -> None:
    """Yes or no of Cerbos, the decision of OPA's answer with reasons."""
    results = {"results": [{"actions": {"operate": "EFFECT_ALLOW"}}]}
    assert cerbos.read(json.dumps(results).encode())
    assert not cerbos.read(json.dumps(results).replace("ALLOW", "DENY").encode())
    assert "conditional" == opa.verdict(b'{"result":{"decision":"conditional","obligations":[["confirmation"]],"reasons":[]}}')


def test_a_request_says_how_long_it_is() -> None:
    """The whole request, to be written as it is."""
    head, content = posted("/x", {"a": "é"}).split(b"\r\n\r\n")
    assert f"Content-Length: {len(content)}".encode() in head.split(b"\r\n")


def test_what_is_installed_is_pinned() -> None:
    """Each Python package to one version, each Node package too."""
    lines = [line for name in ("python.txt", "opa-library.txt") for line in (HERE / name).read_text().splitlines()]
    assert all(re.fullmatch(r"[\w-]+==[\d.]+", line) for line in lines if not line.startswith("#"))
    package = json.loads((HERE / "package.json").read_text())
    assert all(re.fullmatch(r"[\d.]+", version) for part in ("dependencies", "overrides") for version in package[part].values())
