"""The mutants: every clause of the decision semantics, got wrong in the ways one does."""

from tests.mutants.mutant import Mutant
from tests.mutants.of_answers import FOLDING, REASONS, REMEMBERING, TIME
from tests.mutants.of_evidence import CERTIFICATES, TRAINING
from tests.mutants.of_persons import DISCHARGE, GATES
from tests.mutants.of_rules import RULES
from tests.mutants.of_sets import SETS

MUTANTS: tuple[Mutant, ...] = (
    GATES + CERTIFICATES + TRAINING + RULES + DISCHARGE + TIME + FOLDING + REMEMBERING + REASONS + SETS
)
