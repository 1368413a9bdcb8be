"""Laws of reasons, on drawn plants, and the wording of every code."""

from typing import get_args

import pytest

from qualsvc.kernel.messages import Language, wording
from qualsvc.kernel.reasons import Reason, ReasonCode, ordered
from tests.kernel import laws_of_reasons as laws
from tests.kernel.drawn import a_law

test_reasons_are_so = a_law(60)(laws.reasons_are_so)
test_reasons_fit_the_decision = a_law(60)(laws.reasons_fit_the_decision)
test_reasons_can_be_told = a_law(120)(laws.reasons_can_be_told)


def test_every_code_is_checked() -> None:
    """The law that reasons are so leaves no code out."""
    assert set(laws.SO) == set(get_args(ReasonCode))


@pytest.mark.parametrize("language", get_args(Language))
@pytest.mark.parametrize("code", get_args(ReasonCode))
def test_every_code_has_its_words(code: ReasonCode, language: Language) -> None:
    """With all fields given or none, each code has a message and a remedy, in each language."""
    bare = wording(Reason(code=code), language)
    whole = wording(
        Reason(
            code=code,
            rule="RULE",
            requirement="certificate T",
            certificate="CERT",
            training_record="TR",
            position="POS",
            company="CO",
            restriction="BAN",
            waiver="WAIVER",
            subject="SUBJECT",
            detail="DETAIL",
            date=739_000,
        ),
        language,
    )
    for said in (bare, whole):
        assert said.message
        assert said.remedy
        assert not [left for left in ("{", "}", "None") if left in said.message + said.remedy]
    assert "–" not in whole.message + whole.remedy


def test_codes_of_the_languages_differ() -> None:
    """No code's Chinese wording is the English one."""
    for code in get_args(ReasonCode):
        assert wording(Reason(code=code), "en").message != wording(Reason(code=code), "zh-CN").message


def test_the_latest_telling_of_a_cause_is_kept() -> None:
    """Of one cause told twice the later is told, whichever came first."""
    early = Reason(code="certificate_expired", certificate="C", since=1)
    late = Reason(code="certificate_expired", certificate="C", since=2)
    other = Reason(code="certificate_revoked", certificate="C")
    assert ordered([early, late, other]) == ordered([late, other, early]) == (other, late)
