"""Laws of answers over time, on drawn plants."""

from tests.kernel import laws_of_time as laws
from tests.kernel.drawn import a_law

test_timelines_are_pointwise = a_law(60)(laws.timelines_are_pointwise)
test_explanations_agree = a_law(15)(laws.explanations_agree)
test_discharges_agree = a_law(40)(laws.discharges_agree)
test_what_is_known_changes_no_word = a_law(60)(laws.what_is_known_changes_no_word)
test_answers_hold_until = a_law(40)(laws.answers_hold_until)
test_answers_stand = a_law(60)(laws.answers_stand)
test_windows_are_pointwise = a_law(60)(laws.windows_are_pointwise)
