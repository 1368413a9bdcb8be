"""Laws of answers under changes of records, on drawn plants."""

from tests.kernel import laws_of_records as laws
from tests.kernel.drawn import a_law

test_narrowing_narrows = a_law(40)(laws.narrowing_narrows)
test_helping_never_harms = a_law(80)(laws.helping_never_harms)
test_order_does_not_matter = a_law(100)(laws.order_does_not_matter)
test_folding_equals_loading = a_law(60)(laws.folding_equals_loading)
test_copies_are_apart = a_law(60)(laws.copies_are_apart)
test_remembered_answers_are_fresh = a_law(60)(laws.remembered_answers_are_fresh)
test_single_changes_fold = a_law(30)(laws.single_changes_fold)
