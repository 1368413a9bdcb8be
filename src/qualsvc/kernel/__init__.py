"""The decision kernel: pure functions of facts and a question.

INVARIANT: standard library only, no I/O, no clock. Instants are `int` microseconds since the Unix epoch (UTC), dates are
proleptic Gregorian ordinals (`date.toordinal()`), states are four-bit truth tables (`states`).
"""
