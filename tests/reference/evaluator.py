"""Section "Decision semantics" of the design, read sentence by sentence and evaluated at one instant at a time.

It works straight on documents as the contract spells them. Nothing is precomputed but the facts of each person, so
each function can be laid beside its sentence. Instants are `int` microseconds since 1970-01-01T00:00:00Z, dates are ordinals.
A state is four bits: bit 0 allowed given nobody, bit 1 given C, bit 2 given S, bit 3 given both.
"""

from collections.abc import Iterable, Iterator

from .clocks import begins, date_at
from .documents import LAST_DATE, Document, Plant, has_come, in_force, instant, not_past, ordinal

__all__ = [
    "Plant",
    "answer",
    "begins",
    "boundaries",
    "date_at",
    "decision_and_obligations",
    "discharge",
    "instant",
    "residual",
    "state",
]

DENY, CONFIRMATION, SUPERVISION, ALLOW = 0, 10, 12, 15


# Gates


def _known(plant: Plant, person: str, equipment: str, process: str) -> bool:
    return person in plant.persons and equipment in plant.equipment and process in plant.processes


def _person_gates(plant: Plant, person: str, equipment: str, process: str, t: int) -> bool:
    document = plant.persons[person]
    d = date_at(plant.time_zone(equipment), t)
    if document["status"] != "active":
        return False
    if not (has_come(d, document["employed_from"]) and not_past(d, document["employed_until"])):
        return False
    if document["employment"] == "contractor":
        if document["company"] is None:
            return False
        company = plant.companies[document["company"]]
        if company["status"] != "approved" or not not_past(d, company["approved_until"]):
            return False
    return not any(
        in_force(t, restriction["valid_from"], restriction["valid_until"]) and _covers(plant, restriction, equipment, process)
        for restriction in plant.facts("restriction", person)
    )


def _covers(plant: Plant, scoped: Document, equipment: str, process: str) -> bool:
    """Whether every non-null field of a restriction or rule covers the question."""
    return (
        scoped["site"] in (None, plant.equipment[equipment]["site"])
        and scoped["equipment"] in (None, equipment)
        and (scoped["equipment_class"] is None or scoped["equipment_class"] in plant.class_line(equipment))
        and (scoped["process"] is None or scoped["process"] in plant.process_line(process))
    )


def _equipment_gates(plant: Plant, equipment: str, process: str, t: int) -> bool:
    document = plant.equipment[equipment]
    inspected = not_past(date_at(plant.time_zone(equipment), t), document["inspection_valid_until"])
    if document["status"] == "in_service" and inspected:
        return True
    return document["status"] != "retired" and bool(plant.processes[process]["maintenance"])


# Requirements


def _met(plant: Plant, requirement: Document, person: str, equipment: str, d: int) -> bool:
    if "all" in requirement:
        return all(_met(plant, part, person, equipment, d) for part in requirement["all"])
    if "any" in requirement:
        return any(_met(plant, part, person, equipment, d) for part in requirement["any"])
    if "at_least" in requirement:
        return sum(_met(plant, part, person, equipment, d) for part in requirement["of"]) >= int(requirement["at_least"])
    if "certificate" in requirement:
        asked = requirement["certificate"]
        return any(
            _certificate_counts(plant, asked, certificate, equipment, d) for certificate in plant.facts("certificate", person)
        )
    asked = requirement["training"]
    records = [record for record in plant.facts("training_record", person) if record["course"] == asked["course"]]
    return any(_training_counts(asked, record, records, d) for record in records)


def _certificate_counts(plant: Plant, asked: Document, certificate: Document, equipment: str, d: int) -> bool:
    asked_type = plant.certificate_types[asked["type"]]
    own_type = plant.certificate_types[certificate["type"]]
    if certificate["type"] != asked["type"] and certificate["type"] not in asked_type["equivalents"]:
        return False
    if certificate["status"] != "valid" and not (certificate["status"] == "renewing" and own_type["usable_while_renewing"]):
        return False
    if not (has_come(d, certificate["valid_from"]) and not_past(d, certificate["valid_until"])):
        return False
    if not not_past(d, certificate["next_review_on"]):
        return False
    if asked.get("min_level") is not None and not _level_reached(
        asked_type["levels"], certificate["level"], asked["min_level"]
    ):
        return False
    if asked.get("scope") is not None and asked["scope"] not in certificate["scopes"]:
        return False
    if asked.get("verified") and not certificate["verified"]:
        return False
    ratings = plant.equipment[equipment]["ratings"]
    limits = certificate["limits"]
    return all(name in ratings and name in limits and limits[name] >= ratings[name] for name in asked.get("covers") or [])


def _level_reached(levels: list[str], level: str | None, minimum: str) -> bool:
    return level in levels and minimum in levels and levels.index(level) >= levels.index(minimum)


def _training_counts(asked: Document, record: Document, records: list[Document], d: int) -> bool:
    completed = ordinal(record["completed_on"])
    if not record["passed"] or d < completed:
        return False
    within_days = asked.get("within_days")
    if within_days is not None:
        last = completed + within_days
        if last < LAST_DATE and d > last:  # from 9999-12-31 on an upper date is open
            return False
    for minimum, field in (("min_score", "score"), ("min_hours", "hours"), ("min_attendance", "attendance")):
        if asked.get(minimum) is not None and (record[field] is None or record[field] < asked[minimum]):
            return False
    return not any(not other["passed"] and completed < ordinal(other["completed_on"]) <= d for other in records)


# Rules


def _rule_state(plant: Plant, rule: Document, person: str, equipment: str, process: str, t: int, with_waivers: bool) -> int:
    d = date_at(plant.time_zone(equipment), t)
    if _met(plant, rule["requirement"], person, equipment, d):
        return ALLOW
    reached = {"block": DENY, "confirm": CONFIRMATION, "monitor": ALLOW}[rule["enforcement"]]
    supervised = rule["supervised_requirement"]
    if supervised is not None and _met(plant, supervised, person, equipment, d):
        reached |= SUPERVISION
    if rule["waivable"] and with_waivers:
        for waiver in plant.facts("waiver", person):
            if (
                waiver["rule"] == rule["code"]
                and waiver["status"] == "approved"
                and in_force(t, waiver["valid_from"], waiver["valid_until"])
                and waiver["equipment"] in (None, equipment)
                and (waiver["process"] is None or waiver["process"] in plant.process_line(process))
            ):
                reached |= SUPERVISION if waiver["supervised"] else ALLOW
    return reached


def _held(plant: Plant, person: str, position: str | None, t: int) -> int:
    if position is None:
        return ALLOW
    held = DENY
    for assignment in plant.facts("assignment", person):
        if assignment["position"] == position and in_force(t, assignment["valid_from"], assignment["valid_until"]):
            held |= ALLOW if assignment["basis"] == "regular" else SUPERVISION
    return held


def state(plant: Plant, person: str, equipment: str, process: str, t: int, with_waivers: bool = True) -> int:
    """The truth table at `t`; a person, equipment or process nobody knows of has the state 0."""
    if not _known(plant, person, equipment, process):
        return DENY
    if not _person_gates(plant, person, equipment, process, t) or not _equipment_gates(plant, equipment, process, t):
        return DENY
    applying = [
        rule
        for rule in plant.rules
        if _covers(plant, rule, equipment, process) and in_force(t, rule["effective_from"], rule["effective_until"])
    ]
    paths = DENY
    for position in {rule["position"] for rule in applying if rule["effect"] == "grant"}:
        path = _held(plant, person, position, t)
        for rule in applying:
            if rule["position"] == position:
                path &= _rule_state(plant, rule, person, equipment, process, t, with_waivers)
        paths |= path
    everyone = ALLOW
    for rule in applying:
        if rule["effect"] == "guard" and rule["position"] is None:
            everyone &= _rule_state(plant, rule, person, equipment, process, t, with_waivers)
    return everyone & paths


# Discharge and residual


def discharge(
    plant: Plant,
    operator: str,
    equipment: str,
    process: str,
    t: int,
    supervisor: str | None = None,
    confirmed_by: str | None = None,
) -> set[str]:
    """Which of the obligations `C` and `S` the given persons discharge at `t`."""
    discharged = set()
    if (
        supervisor is not None
        and supervisor != operator
        and state(plant, supervisor, equipment, process, t, with_waivers=False) == ALLOW
    ):
        discharged.add("S")
    if confirmed_by is not None and confirmed_by != operator and _known(plant, confirmed_by, equipment, process):
        entitled = any(
            assignment["basis"] == "regular"
            and in_force(t, assignment["valid_from"], assignment["valid_until"])
            and plant.positions[assignment["position"]]["may_confirm"]
            for assignment in plant.facts("assignment", confirmed_by)
        )
        if entitled and _person_gates(plant, confirmed_by, equipment, process, t):
            discharged.add("C")
    return discharged


_SETS = (frozenset[str](), frozenset({"C"}), frozenset({"S"}), frozenset({"C", "S"}))  # by bit number
_OBLIGATION = {"C": "confirmation", "S": "supervisor_present"}


def _residual_of(table: int, discharged: set[str]) -> int:
    """r[X] = s[D ∪ X]."""
    return sum(1 << number for number, given in enumerate(_SETS) if table >> _SETS.index(given | discharged) & 1)


def residual(
    plant: Plant,
    person: str,
    equipment: str,
    process: str,
    t: int,
    supervisor: str | None = None,
    confirmed_by: str | None = None,
) -> int:
    """The state at `t` with what supervisor and confirmer discharge at `t` taken as given."""
    table = state(plant, person, equipment, process, t)
    return _residual_of(table, discharge(plant, person, equipment, process, t, supervisor, confirmed_by))


def decision_and_obligations(residual_table: int) -> tuple[str, list[list[str]]]:
    """`allow`, `deny` or `conditional`, and for the last the minimal sets that would allow."""
    if residual_table == ALLOW:
        return "allow", []
    if residual_table == DENY:
        return "deny", []
    allowing = [given for number, given in enumerate(_SETS) if residual_table >> number & 1]
    minimal = [given for given in allowing if not any(other < given for other in allowing)]
    return "conditional", [sorted(_OBLIGATION[name] for name in given) for given in minimal]


# The timeline, gathered from the facts and evaluated point by point


def boundaries(
    plant: Plant,
    person: str,
    equipment: str,
    process: str,
    supervisor: str | None = None,
    confirmed_by: str | None = None,
) -> list[int]:
    """Instants, in order, among which are all at which an answer about these could change."""
    people = [who for who in plant.persons if who in (person, supervisor, confirmed_by)]
    if equipment not in plant.equipment or process not in plant.processes:
        return []
    found = {instant(text) for text in _instants(plant, people)}
    zone = plant.time_zone(equipment)
    last_days = {ordinal(text) for text in _dates(plant, people, equipment)}
    spans = {span for rule in plant.rules for span in _spans(rule["requirement"], rule["supervised_requirement"])}
    completed = {ordinal(record["completed_on"]) for who in people for record in plant.facts("training_record", who)}
    last_days |= {day + span for day in completed for span in spans}
    for day in last_days:
        if day <= LAST_DATE:
            found.add(begins(zone, day))
        if day < LAST_DATE:
            found.add(begins(zone, day + 1))
    return sorted(found)


def _instants(plant: Plant, people: Iterable[str]) -> Iterator[str]:
    for rule in plant.rules:
        yield from (rule[field] for field in ("effective_from", "effective_until") if rule[field] is not None)
    for who in people:
        for kind in ("assignment", "waiver", "restriction"):
            for fact in plant.facts(kind, who):
                yield from (fact[field] for field in ("valid_from", "valid_until") if fact[field] is not None)


def _dates(plant: Plant, people: Iterable[str], equipment: str) -> Iterator[str]:
    holders = [(plant.equipment[equipment], ("inspection_valid_until",))]
    holders += [(company, ("approved_until",)) for company in plant.companies.values()]
    dated: list[tuple[Document, tuple[str, ...]]] = [*holders]
    for who in people:
        dated.append((plant.persons[who], ("employed_from", "employed_until")))
        dated += [(fact, ("valid_from", "valid_until", "next_review_on")) for fact in plant.facts("certificate", who)]
        dated += [(fact, ("completed_on",)) for fact in plant.facts("training_record", who)]
    for document, fields in dated:
        yield from (document[field] for field in fields if document[field] is not None)


def _spans(*requirements: Document | None) -> Iterator[int]:
    for requirement in requirements:
        if requirement is None:
            continue
        yield from _spans(*(requirement.get("all") or requirement.get("any") or requirement.get("of") or []))
        span = requirement.get("training", {}).get("within_days")
        if span is not None:
            yield span


def answer(plant: Plant, question: Document) -> Document:
    """Decision, obligations, `valid_until` and `worst_from` (null without `until`); instants in microseconds or null.

    The question has person, equipment, process, at, until, supervisor and confirmed_by, the last three null when not asked.
    """
    asked = (question["person"], question["equipment"], question["process"])
    given = (question["supervisor"], question["confirmed_by"])
    at, until = question["at"], question["until"]
    later = [t for t in boundaries(plant, *asked, *given) if t > at]
    at_once = residual(plant, *asked, at, *given)
    valid_until = next((t for t in later if residual(plant, *asked, t, *given) != at_once), None)
    if until is None:
        decision, obligations = decision_and_obligations(at_once)
        return {"decision": decision, "obligations": obligations, "valid_until": valid_until, "worst_from": None}
    window = [(t, residual(plant, *asked, t, *given)) for t in [at, *(t for t in later if t < until)]]
    worst = ALLOW
    for _, table in window:
        worst &= table
    decision, obligations = decision_and_obligations(worst)
    worst_from = next(t for t, table in window if decision_and_obligations(table)[0] == decision)
    return {"decision": decision, "obligations": obligations, "valid_until": valid_until, "worst_from": worst_from}
