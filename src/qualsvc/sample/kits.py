"""What somebody fully qualified for a position brings: certificates and lessons, all good for at least three months more."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from qualsvc.sample.qualifications import BOILER, CRANE, FORKLIFT, HEIGHT, HV, LV, SLINGER, WELD

AUTHORITY = "示例发证机关 / Sample authority"
CLINIC = "示例体检中心 / Sample clinic"
HOUSE = "港湾机械 / Harbour Machinery"


@dataclass(frozen=True, slots=True)
class Card:
    """A certificate, its days counted from `today`; `months` None never ends, `review` None has no review due."""

    type: str
    issuer: str
    months: int | None
    until: int
    review: int | None = None
    level: str | None = None
    scopes: tuple[str, ...] = ()
    limits: Mapping[str, float] = field(default_factory=dict)
    status: str = "valid"


@dataclass(frozen=True, slots=True)
class Lesson:
    """A passed course, so many days ago; attendance 0..1."""

    course: str
    ago: int
    score: float = 92
    hours: float = 8
    attendance: float = 1


@dataclass(frozen=True, slots=True)
class Kit:
    """Cards and lessons by a short tag that names them within one person."""

    cards: Mapping[str, Card]
    lessons: Mapping[str, Lesson]


INDUCTION = {
    "NGB": {"INDUCTION": Lesson("INDUCTION-NGB", 60, hours=24)},
    "HAM": {"INDUCTION": Lesson("INDUCTION-HAM", 45, hours=2)},
}
_MEDICAL = Card("MED-DRIVER", CLINIC, 12, 200)
_CRANE = Card("IA-CRANE", HOUSE, 24, 400, level="standard", scopes=("bridge", "gantry", "mobile"), limits={"lifting_t": 100})
_TRUCK = Card("IA-TRUCK", HOUSE, 24, 380, limits={"capacity_t": 10})
_LOTO = {"LOTO": Lesson("LOTO", 110)}
_MACHINE = Kit(
    {"IAM": Card("IA-MACHINE", HOUSE, 24, 410, level="L2")},
    {"BASICS": Lesson("MACHINE-BASICS", 200), "FIRST-AID": Lesson("FIRST-AID", 400, hours=16)},
)
_HEIGHT = Card("MED-HEIGHT", CLINIC, 12, 190)
_NOTHING = Kit({}, {})

KITS: Mapping[tuple[str, str], Kit] = {
    ("NGB", "CRANE-DRIVER"): Kit(
        {
            "Q2": Card(CRANE, AUTHORITY, 48, 900),
            "MED": _MEDICAL,
            "IAC": _CRANE,
            "RTG": Card("IA-RTG-REMOTE", HOUSE, 24, 420),
        },
        {"WIND": Lesson("WIND-STOP", 40, hours=2)},
    ),
    ("HAM", "CRANE-DRIVER"): Kit(
        {"DGUV": Card("DGUV-CRANE", AUTHORITY, None, 0), "MED": _MEDICAL, "IAC": _CRANE},
        {},
    ),
    ("NGB", "SLINGER"): Kit({"Q1": Card(SLINGER, AUTHORITY, 48, 850)}, {}),
    ("NGB", "TRUCK-DRIVER"): Kit(
        {"N1": Card(FORKLIFT, AUTHORITY, 48, 800), "MED": _MEDICAL, "IAT": _TRUCK},
        {"REACH": Lesson("REACH-TRUCK", 300)},
    ),
    ("HAM", "TRUCK-DRIVER"): Kit(
        {"DGUV": Card("DGUV-TRUCK", AUTHORITY, None, 0), "MED": _MEDICAL, "IAT": _TRUCK},
        {"REACH": Lesson("REACH-TRUCK", 280)},
    ),
    ("NGB", "WELDER"): Kit(
        {
            "AQ21": Card(WELD, AUTHORITY, 72, 1500, review=400),
            "VQW": Card("VQ-WELDER", AUTHORITY, None, 0, level="三级"),
            "MEDC": Card("MED-CONFINED", CLINIC, 12, 180),
            "IAF": Card("IA-CONFINED", HOUSE, 12, 170, level="entrant"),
        },
        {"CONFINED": Lesson("CONFINED-SPACE", 80), "GAS": Lesson("GAS-TEST", 500)},
    ),
    ("HAM", "WELDER"): Kit({"ISO": Card("ISO-9606", AUTHORITY, 36, 600, review=130)}, {}),
    ("NGB", "BOILER-OPERATOR"): Kit(
        {"G1": Card(BOILER, AUTHORITY, 48, 700)},
        {"ANNUAL": Lesson("ANNUAL-40H", 120, hours=40, attendance=0.96)},
    ),
    ("NGB", "HV-ELECTRICIAN"): Kit({"AQ11": Card(HV, AUTHORITY, 72, 1400, review=300)}, _LOTO),
    ("NGB", "LV-ELECTRICIAN"): Kit({"AQ12": Card(LV, AUTHORITY, 72, 1450, review=350)}, _LOTO),
    ("NGB", "MACHINIST"): _MACHINE,
    ("HAM", "MACHINIST"): _MACHINE,
    ("NGB", "MEWP-OPERATOR"): Kit({"AQ32": Card(HEIGHT, AUTHORITY, 72, 1350, review=250), "MEDH": _HEIGHT}, {}),
    ("HAM", "MEWP-OPERATOR"): Kit({"CARD": Card("PLATFORM-CARD", AUTHORITY, 60, 1100), "MEDH": _HEIGHT}, {}),
    ("NGB", "FITTER"): Kit({}, _LOTO),
    ("HAM", "FITTER"): Kit({}, _LOTO),
    ("NGB", "CONTRACT-FITTER"): Kit({}, {**_LOTO, "BRIEFING": Lesson("CONTRACTOR-BRIEFING", 20, hours=1)}),
    ("HAM", "CONTRACT-FITTER"): Kit({}, {**_LOTO, "BRIEFING": Lesson("CONTRACTOR-BRIEFING", 15, hours=1)}),
    ("NGB", "SHIFT-LEADER"): _NOTHING,
    ("HAM", "SHIFT-LEADER"): _NOTHING,
    ("NGB", "SAFETY-OFFICER"): _NOTHING,
}
