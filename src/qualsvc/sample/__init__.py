"""Harbour Machinery (港湾机械), the sample plant: a fictitious maker and servicer of port cranes at Ningbo and Hamburg.

`records(today)` are bulk lines in the contract's exact shape, the same for the same day; their codes are the same for every
day, so a sample made anew replaces the stale one line by line. `CAST` names the person to ask about for each outcome.
"""

from datetime import date

from qualsvc.sample.cast import CAST, CastMember
from qualsvc.sample.crowd import crowd_lines
from qualsvc.sample.days import next_monday, plant_day, stale
from qualsvc.sample.figures import figure_lines
from qualsvc.sample.lines import Line
from qualsvc.sample.places import place_lines
from qualsvc.sample.qualifications import qualification_lines
from qualsvc.sample.rules import rule_lines

__all__ = ["CAST", "CastMember", "next_monday", "plant_day", "records", "stale"]


def records(today: date) -> list[Line]:
    """Every record of the plant as a bulk line (`kind`, `code`, all fields), made for `today` as `plant_day` gives it."""
    return [
        *place_lines(today),
        *qualification_lines(),
        *rule_lines(today),
        *figure_lines(today),
        *crowd_lines(today),
    ]
