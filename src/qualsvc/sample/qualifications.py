"""Positions, courses and certificate types: the carried statutory catalogue and the plant's own."""

from collections.abc import Iterator

from qualsvc.data.catalogue import carried_catalogue, certificate_type_documents
from qualsvc.sample.lines import Line, line

# The catalogue in force since 2026-06-01 is not carried yet, so electricians and welders show certificates of the one before.
HV, LV, WELD, HEIGHT = (f"aqsc-30-legacy:{code}" for code in ("1.1", "1.2", "2.1", "3.2"))
BOILER, SLINGER, CRANE, FORKLIFT = (f"tsg-z6001-2019:{code}" for code in ("G1", "Q1", "Q2", "N1"))

POSITIONS = {
    "CRANE-DRIVER": "起重机司机 / Crane driver",
    "SLINGER": "起重机指挥 / Slinger and signaller",
    "TRUCK-DRIVER": "叉车司机 / Truck driver",
    "WELDER": "焊工 / Welder",
    "BOILER-OPERATOR": "司炉工 / Boiler operator",
    "HV-ELECTRICIAN": "高压电工 / High-voltage electrician",
    "LV-ELECTRICIAN": "低压电工 / Low-voltage electrician",
    "MACHINIST": "机床操作工 / Machinist",
    "MEWP-OPERATOR": "升降平台操作工 / Platform operator",
    "FITTER": "维修钳工 / Maintenance fitter",
    "CONTRACT-FITTER": "承包商检修工 / Contractor fitter",
    "SHIFT-LEADER": "当班班长 / Shift leader",
    "SAFETY-OFFICER": "安全管理人员 / Safety officer",
}
MAY_CONFIRM = {"SHIFT-LEADER"}

COURSES = {
    "INDUCTION-NGB": "宁波基地入厂安全教育 / Ningbo site induction",
    "INDUCTION-HAM": "Sicherheitsunterweisung Hamburg / Hamburg site instruction",
    "CONTRACTOR-BRIEFING": "承包商安全交底 / Contractor briefing",
    "WIND-STOP": "大风停机与锚定 / Stopping and anchoring cranes in high wind",
    "REACH-TRUCK": "前移式叉车复训 / Reach truck refresher",
    "MACHINE-BASICS": "机床安全基础 / Machine tool safety basics",
    "FIRST-AID": "现场急救 / First aid",
    "CONFINED-SPACE": "受限空间作业 / Confined space entry",
    "GAS-TEST": "气体检测 / Gas testing",
    "RESCUE": "受限空间救援 / Confined space rescue",
    "LOTO": "上锁挂牌 / Lockout and tagout",
    "ANNUAL-40H": "年度安全再培训 40 学时 / Annual retraining, 40 hours",
}

OWN_TYPES = (
    # code, name, category, levels from low to high, months
    ("IA-CRANE", "起重机操作授权 / Crane authorisation", "internal", ("standard", "senior"), 24),
    ("IA-RTG-REMOTE", "轮胎吊远控授权 / Remote RTG authorisation", "internal", (), 24),
    ("IA-TRUCK", "叉车操作授权 / Truck authorisation", "internal", (), 24),
    ("IA-MACHINE", "机床操作授权 / Machine tool authorisation", "internal", ("L1", "L2", "L3"), 24),
    ("IA-CONFINED", "受限空间作业授权 / Confined space authorisation", "internal", ("entrant", "lead"), 12),
    # A skill grade's number falls as the skill rises; the order of the levels, not the number, is what counts.
    ("VQ-WELDER", "焊工职业技能等级 / Welder skill grade", "vocational", ("五级", "四级", "三级", "二级", "一级"), None),
    ("DGUV-CRANE", "Kranführerschein (DGUV 309-003)", "vocational", (), None),
    ("DGUV-TRUCK", "Fahrausweis Flurförderzeuge (DGUV 308-001)", "vocational", (), None),
    ("ISO-9606", "Schweißerprüfung (ISO 9606-1)", "vocational", (), 36),
    ("PLATFORM-CARD", "Bedienerausweis Hubarbeitsbühnen / Platform operator card", "vocational", (), 60),
    ("MED-DRIVER", "驾驶与起重体检 / Fitness for driving and lifting", "medical", (), 12),
    ("MED-HEIGHT", "高处作业体检 / Fitness for work at height", "medical", (), 12),
    ("MED-CONFINED", "受限空间体检 / Fitness for confined spaces", "medical", (), 12),
)
WARNING_DAYS = {"internal": [30, 15, 7], "vocational": [60, 30], "medical": [30, 15, 7]}
# A platform card stays usable while its renewal is being printed: the plant may say so, the card being no statutory one.
USABLE_WHILE_RENEWING = {"PLATFORM-CARD"}


def qualification_lines() -> Iterator[Line]:
    """Positions, courses and certificate types."""
    for code, name in POSITIONS.items():
        yield line("position", code, name=name, may_confirm=code in MAY_CONFIRM)
    for code, name in COURSES.items():
        yield line("course", code, name=name)
    for document in certificate_type_documents(carried_catalogue()):
        yield line("certificate_type", **document)
    for code, name, category, levels, months in OWN_TYPES:
        yield line(
            "certificate_type",
            code,
            name=name,
            category=category,
            levels=list(levels),
            usable_while_renewing=code in USABLE_WHILE_RENEWING,
            warning_days=list(WARNING_DAYS[category]),
            validity_months=months,
        )
