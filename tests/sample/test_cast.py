"""Each named person gets the answer their story promises, for the one reason it names, by both evaluators."""

from collections.abc import Callable
from datetime import date, timedelta
from functools import cache

import pytest

from qualsvc.sample import CAST, CastMember, next_monday, stale
from tests.sample.plant import DAYS, Sample, begins

OUTCOMES = {member.outcome: member for member in CAST}
sample = cache(Sample.made_on)
each_day = pytest.mark.parametrize("today", DAYS, ids=str)
each_member = pytest.mark.parametrize("member", CAST, ids=lambda member: member.outcome)


def moments(today: date) -> list[int]:
    """The plant's day from its first instant to its last."""
    start, end = begins(today, "NGB"), begins(today + timedelta(days=1), "NGB")
    return [start, start + 1, (start + end) // 2, end - 1]


def test_there_is_one_for_each_outcome_asked_for() -> None:
    """The cast covers every outcome the demonstration promises, each by a name of its own."""
    promised = {
        *("allowed", "expiring", "expired", "review_overdue", "renewing", "revoked", "never_had_it", "wrong_level"),
        *("licence_below_tonnage", "trainee_alone", "trainee_supervised", "needs_confirmation", "waived", "banned"),
        *("company_suspended", "left", "transferred"),
    }
    assert promised - OUTCOMES.keys() == set()
    assert len(OUTCOMES) == len(CAST)


@each_day
@each_member
def test_the_answer_is_the_one_promised(today: date, member: CastMember) -> None:
    """Decision and obligations are as told at every moment of the plant's day, in the reference and in the kernel."""
    promised = (member.decision, [list(one) for one in member.obligations])
    for at in moments(today):
        assert sample(today).by_reference(member, at)[:2] == promised
        assert sample(today).by_kernel(member, at)[:2] == promised


@each_day
@each_member
def test_it_lasts_as_long_in_both(today: date, member: CastMember) -> None:
    """The two evaluators agree on the instant up to which the answer holds."""
    for at in moments(today):
        assert sample(today).by_kernel(member, at)[2] == sample(today).by_reference(member, at)[2]


@each_day
@each_member
def test_the_reasons_are_the_ones_promised(today: date, member: CastMember) -> None:
    """The named causes are among the reasons, and of a plain no there are no others."""
    for at in moments(today):
        codes = set(sample(today).by_kernel(member, at)[3])
        assert set(member.reasons) <= codes
        if member.decision == "deny":
            assert codes - {"expiring_soon"} == set(member.reasons)


@each_day
@pytest.mark.parametrize("member", [member for member in CAST if member.days_left is not None], ids=lambda m: m.outcome)
def test_the_days_left_are_counted_in_the_plants_own_days(today: date, member: CastMember) -> None:
    """The answer holds through the last of the days left and ends as the next begins at the site."""
    assert member.days_left is not None
    end = begins(today + timedelta(days=member.days_left + 1), sample(today).site(member))
    for at in moments(today):
        assert sample(today).by_reference(member, at)[2] == end


@each_day
def test_the_new_rule_ends_a_permission_on_monday(today: date) -> None:
    """Who lacks the high-wind training is allowed up to the first instant of next Monday."""
    monday = begins(next_monday(today), "NGB")
    member = OUTCOMES["until_next_monday"]
    assert sample(today).by_reference(member, begins(today, "NGB")) == ("allow", [], monday)
    assert sample(today).by_reference(member, monday)[:2] == ("deny", [])


@each_day
def test_every_story_holds_until_the_sample_is_stale(today: date) -> None:
    """Up to the last instant before the sample is stale each of the cast gets the answer promised."""
    last = max(day for day in (today + timedelta(days=n) for n in range(8)) if not stale(today, day))
    at = begins(last + timedelta(days=1), "NGB") - 1
    for member in CAST:
        promised = (member.decision, [list(one) for one in member.obligations])
        assert sample(today).by_reference(member, at)[:2] == promised, member.outcome


@each_day
def test_what_is_recommended_is_told_until_it_is_met(today: date) -> None:
    """The coach is told of first aid until he has passed it; if it were required, he could not work alone."""
    plant, member, at = sample(today), OUTCOMES["recommended"], begins(today, "NGB")
    passed = plant.documents["training_record"]["E1010-FIRST-AID"] | {"code": "E1092-FIRST-AID", "person": member.person}
    learnt = plant.changed("training_record", "E1092-FIRST-AID", **passed)
    required = plant.changed("rule", "MACHINE-TOOL", requirement=plant.documents["rule"]["MACHINE-TOOL"]["recommended"])
    found = [one.by_kernel(member, at) for one in (plant, learnt, required)]
    lacking = ["training_missing", "supervision_required", "recommended_missing"]
    expected = [("allow", ["recommended_missing"]), ("allow", []), ("conditional", lacking)]
    assert [(decision, codes) for decision, _, _, codes in found] == expected


TODAY = DAYS[0]
Cure = Callable[[Sample], Sample]
CURES: dict[str, Cure] = {
    "expired": lambda s: s.changed("certificate", "E1003-Q2", valid_until="2030-01-01"),
    "review_overdue": lambda s: s.changed("certificate", "E1004-AQ11", next_review_on="2030-01-01"),
    "renewing": lambda s: s.changed("certificate", "E1005-AQ21", status="valid"),
    "revoked": lambda s: s.changed("certificate", "E1006-N1", status="valid"),
    "never_had_it": lambda s: s.changed("certificate", "E1007-AQ11", type="aqsc-30-legacy:1.2"),
    "wrong_level": lambda s: s.changed("certificate", "E1008-VQW", level="四级"),
    "licence_below_tonnage": lambda s: s.changed("certificate", "E3009-IAT", limits={"capacity_t": 8}),
    "trainee_alone": lambda s: s.changed(
        "certificate", "E1010-IAM", **{**s.documents["certificate"]["E1092-IAM"], "code": "E1010-IAM", "person": "E1010"}
    ),
    "needs_confirmation": lambda s: s.changed("certificate", "E1011-IAC", level="senior"),
    "banned": lambda s: s.changed("restriction", "BAN-3013", valid_until="2026-11-20T00:00:00Z"),
    "company_suspended": lambda s: s.changed("company", "YONGAN", status="approved"),
    "left": lambda s: s.changed("person", "E1015", status="active", employed_until=None),
    "transferred": lambda s: s.changed("assignment", "E1016-A1", valid_until=None),
    "on_trial": lambda s: s.changed("assignment", "E3017-A1", basis="regular"),
    "locked_out": lambda s: s.changed("equipment", "BC-04", status="in_service"),
    "inspection_overdue": lambda s: s.changed("equipment", "FL-03", inspection_valid_until="2030-01-01"),
}


def test_every_no_has_a_cure() -> None:
    """No outcome but a plain yes is left out of the table of cures."""
    assert CURES.keys() == {member.outcome for member in CAST if member.decision != "allow"}


@pytest.mark.parametrize("outcome", CURES)
def test_the_named_cause_is_the_only_one(outcome: str) -> None:
    """Lifting the one cause the story names turns the answer into a yes: the person has everything else."""
    cured = CURES[outcome](sample(TODAY))
    assert cured.by_reference(OUTCOMES[outcome], begins(TODAY, "NGB"))[:2] == ("allow", [])


@pytest.mark.parametrize(
    ("outcome", "kind", "code", "fields"),
    [
        ("waived", "waiver", "W-REACH-1012", {"status": "revoked"}),
        ("trainee_supervised", "certificate", "E1092-IAM", {"status": "suspended"}),
        ("on_trial_supervised", "assignment", "E3092-A1", {"basis": "trial"}),
        ("confirmed", "assignment", "E1091-A1", {"basis": "trial"}),
        ("monitored", "rule", "RTG-REMOTE", {"enforcement": "block"}),
        ("maintenance_on_locked_out", "process", "MAINTENANCE", {"maintenance": False}),
    ],
)
def test_a_yes_that_rests_on_something_falls_with_it(outcome: str, kind: str, code: str, fields: dict[str, object]) -> None:
    """Without the waiver, the helper or the softer rule the same question is no longer allowed."""
    without = sample(TODAY).changed(kind, code, **fields)
    assert without.by_reference(OUTCOMES[outcome], begins(TODAY, "NGB"))[0] != "allow"
