"""The 25 rules: who may operate what for what, and what everybody there must bring besides."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from qualsvc.sample.days import midnight, next_monday
from qualsvc.sample.lines import Line, line
from qualsvc.sample.qualifications import BOILER, CRANE, FORKLIFT, HEIGHT, HV, LV, WELD

Requirement = dict[str, Any]


def card(type_: str, **asks: Any) -> Requirement:
    """A certificate requirement."""
    return {"certificate": {"type": type_, **asks}}


def lesson(course: str, **asks: Any) -> Requirement:
    """A training requirement."""
    return {"training": {"course": course, **asks}}


@dataclass(frozen=True, slots=True)
class Scope:
    """Where a rule applies; what is left out is not looked at."""

    position: str | None = None
    equipment_class: str | None = None
    process: str | None = None
    site: str | None = None


GRANTS: tuple[tuple[str, str, Scope, Requirement], ...] = (
    (
        "CRANE-NGB",
        "起重机司机：Q2 证已核验、体检合格 / Crane driver: verified Q2, medical fitness",
        Scope("CRANE-DRIVER", "LIFTING", "LIFT", "NGB"),
        {"all": [card(CRANE, verified=True), card("MED-DRIVER")]},
    ),
    (
        "CRANE-HAM",
        "Kranführer: Kranführerschein, Eignung / Crane driver: crane licence, medical fitness",
        Scope("CRANE-DRIVER", "LIFTING", "LIFT", "HAM"),
        {"all": [card("DGUV-CRANE"), card("MED-DRIVER")]},
    ),
    (
        "TRUCK-NGB",
        "叉车司机：N1 证已核验、体检合格 / Truck driver: verified N1, medical fitness",
        Scope("TRUCK-DRIVER", "TRUCK", "LOADING", "NGB"),
        {"all": [card(FORKLIFT, verified=True), card("MED-DRIVER")]},
    ),
    (
        "TRUCK-HAM",
        "Staplerfahrer: Fahrausweis, Eignung / Truck driver: truck licence, medical fitness",
        Scope("TRUCK-DRIVER", "TRUCK", "LOADING", "HAM"),
        {"all": [card("DGUV-TRUCK"), card("MED-DRIVER")]},
    ),
    (
        "WELD-NGB",
        "焊工：熔化焊接与热切割作业证 / Welder: fusion welding certificate",
        Scope("WELDER", "WELDING-SET", "WELDING", "NGB"),
        card(WELD),
    ),
    (
        "WELD-HAM",
        "Schweißer: gültige Schweißerprüfung / Welder: welder's qualification test",
        Scope("WELDER", "WELDING-SET", "WELDING", "HAM"),
        card("ISO-9606"),
    ),
    (
        "BOILER",
        "司炉工：G1 证、年度再培训 40 学时出勤 90 % / Boiler operator: G1, 40 hours of retraining attended to 90 %",
        Scope("BOILER-OPERATOR", "BOILER", "STEAM-SUPPLY"),
        {"all": [card(BOILER), lesson("ANNUAL-40H", within_days=365, min_hours=40, min_attendance=0.9)]},
    ),
    (
        "HV-SWITCHING",
        "高压倒闸：高压电工作业证 / High-voltage switching: high-voltage certificate",
        Scope("HV-ELECTRICIAN", "HV-ROOM", "HV-SWITCHING"),
        card(HV),
    ),
    (
        "LV-SWITCHING",
        "低压倒闸：低压电工作业证，高压证不能代替 / Low-voltage switching: its own certificate, high voltage is no substitute",
        Scope("LV-ELECTRICIAN", "LV-ROOM", "SWITCHING"),
        card(LV),
    ),
    (
        "WORK-AT-HEIGHT",
        "升降平台：高处作业证或平台操作证、体检合格 / Platform: either operator's certificate, medical fitness",
        Scope("MEWP-OPERATOR", "MEWP", "WORK-AT-HEIGHT"),
        {"all": [{"any": [card(HEIGHT), card("PLATFORM-CARD")]}, card("MED-HEIGHT")]},
    ),
    (
        "MAINTENANCE",
        "检修：上锁挂牌培训 80 分 / Maintenance: lockout training with 80 points",
        Scope("FITTER", process="MAINTENANCE"),
        lesson("LOTO", within_days=365, min_score=80),
    ),
    (
        "CONTRACT-MAINTENANCE",
        "承包商检修：上锁挂牌培训、90 天内安全交底 / Contractor maintenance: lockout training, briefing within 90 days",
        Scope("CONTRACT-FITTER", process="MAINTENANCE"),
        {"all": [lesson("LOTO", within_days=365, min_score=80), lesson("CONTRACTOR-BRIEFING", within_days=90)]},
    ),
)

GUARDS: tuple[tuple[str, str, Scope, Requirement], ...] = (
    (
        "INDUCTION-NGB",
        "宁波：一年内入厂安全教育 / Ningbo: site induction within a year",
        Scope(site="NGB"),
        lesson("INDUCTION-NGB", within_days=365),
    ),
    (
        "INDUCTION-HAM",
        "Hamburg: jährliche Unterweisung / Hamburg: instruction within a year",
        Scope(site="HAM"),
        lesson("INDUCTION-HAM", within_days=365),
    ),
    (
        "CRANE-TONNAGE",
        "起重机授权吨位不低于额定起重量 / Crane authorisation covers the rated load",
        Scope("CRANE-DRIVER", "LIFTING"),
        card("IA-CRANE", covers=["lifting_t"]),
    ),
    (
        "MOBILE-CRANE",
        "流动式起重机须单独授权 / Mobile cranes need their own authorisation",
        Scope("CRANE-DRIVER", "MOBILE-CRANE"),
        card("IA-CRANE", scope="mobile"),
    ),
    (
        "TRUCK-TONNAGE",
        "叉车授权吨位不低于额定载荷 / Truck authorisation covers the rated capacity",
        Scope("TRUCK-DRIVER", "TRUCK"),
        card("IA-TRUCK", covers=["capacity_t"]),
    ),
    (
        "WELD-GRADE",
        "焊工技能四级及以上 / Welder skill grade 4 or better",
        Scope("WELDER", process="WELDING", site="NGB"),
        card("VQ-WELDER", min_level="四级"),
    ),
    (
        "CONFINED-ENTRY",
        "受限空间：培训，且体检、气体检测、救援三项有其二 / Confined space: training, and two of fitness, gas testing, rescue",
        Scope(process="CONFINED-HOT-WORK"),
        {
            "all": [
                lesson("CONFINED-SPACE", within_days=365),
                {"at_least": 2, "of": [card("MED-CONFINED"), lesson("GAS-TEST"), lesson("RESCUE", within_days=730)]},
            ]
        },
    ),
)


def rule_lines(today: date) -> Iterator[Line]:
    """All 25, the one that takes effect next Monday included."""
    for code, name, scope, requirement in GRANTS:
        yield _rule(code, name, "grant", scope, requirement)
    for code, name, scope, requirement in GUARDS:
        yield _rule(code, name, "guard", scope, requirement)
    yield _rule(
        "MACHINE-TOOL",
        "机床：L2 及以上授权；学员须有人监护；建议学急救 / Machine tools: level 2; trainees supervised; first aid recommended",
        "grant",
        Scope("MACHINIST", "MACHINE-TOOL", "MACHINING"),
        card("IA-MACHINE", min_level="L2"),
        supervised_requirement=lesson("MACHINE-BASICS", within_days=365),
        recommended=lesson("FIRST-AID", within_days=730),
        risk="medium",
    )
    yield _rule(
        "HEAVY-LIFT",
        "大件吊装：无高级授权者须班长确认 / Heavy lift: without senior authorisation the shift leader confirms",
        "guard",
        Scope("CRANE-DRIVER", process="HEAVY-LIFT"),
        card("IA-CRANE", min_level="senior"),
        enforcement="confirm",
    )
    yield _rule(
        "CONFINED-PERMIT",
        "受限空间动火：非作业负责人须班长确认 / Confined hot work: all but the job lead need confirmation",
        "guard",
        Scope(process="CONFINED-HOT-WORK"),
        card("IA-CONFINED", min_level="lead"),
        enforcement="confirm",
    )
    yield _rule(
        "RTG-REMOTE",
        "轮胎吊远控授权（试行，仅记录）/ Remote RTG authorisation (being introduced, reported only)",
        "guard",
        Scope("CRANE-DRIVER", "RTG"),
        card("IA-RTG-REMOTE"),
        enforcement="monitor",
        risk="low",
    )
    yield _rule(
        "REACH-REFRESHER",
        "前移式叉车两年复训 / Reach truck refresher within two years",
        "guard",
        Scope("TRUCK-DRIVER", "REACH-TRUCK"),
        lesson("REACH-TRUCK", within_days=730),
        waivable=True,
        risk="medium",
    )
    yield _rule(
        "WIND-STOP",
        "大风停机培训（下周一起）/ High-wind training (from next Monday)",
        "guard",
        Scope(process="LIFT", site="NGB"),
        lesson("WIND-STOP", within_days=365),
        effective_from=midnight(next_monday(today), "NGB"),
    )


def _rule(code: str, name: str, effect: str, scope: Scope, requirement: Requirement, **more: Any) -> Line:
    return line(
        "rule",
        code,
        name=name,
        effect=effect,
        position=scope.position,
        equipment_class=scope.equipment_class,
        process=scope.process,
        site=scope.site,
        requirement=requirement,
        **{"enforcement": "block", "risk": "high", **more},
    )
