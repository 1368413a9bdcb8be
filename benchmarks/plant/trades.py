"""What the plant is made of: ten trades, each with a position, a branch of classes and of processes, and certificates."""

from dataclasses import dataclass

SITES = {"NB": "Asia/Shanghai", "WX": "Asia/Shanghai", "HH": "Europe/Berlin"}
SITE_OF_TEN = ("NB", "NB", "NB", "NB", "NB", "WX", "WX", "WX", "HH", "HH")
LEVELS = ("L1", "L2", "L3", "L4")
SCOPES = ("indoor", "outdoor", "remote")
FITTER = "FITTER"
LEADER = "LEADER"
MAINTENANCE = "MAINT"


@dataclass(frozen=True, slots=True)
class Trade:
    """`rating` is the name of what its machines are rated for, and of the limit on its authorisation."""

    code: str
    rating: str
    steps: tuple[int, ...]
    """The ratings its machines come with, low to high."""

    @property
    def position(self) -> str:
        return f"{self.code}-OP"

    @property
    def licence(self) -> str:
        """Statutory, the authority's; reviewed."""
        return f"{self.code}-LIC"

    @property
    def former(self) -> str:
        """What the licence was called before; counts as it."""
        return f"{self.code}-LIC-OLD"

    @property
    def authorisation(self) -> str:
        """The plant's own: a level, scopes and a limit."""
        return f"{self.code}-AUTH"

    @property
    def fitness(self) -> str:
        """Medical."""
        return f"{self.code}-MED"

    @property
    def refresher(self) -> str:
        """A course."""
        return f"{self.code}-REFRESHER"

    @property
    def classes(self) -> tuple[str, ...]:
        """The branch: its root, then three below it."""
        return (self.code, f"{self.code}-A", f"{self.code}-B", f"{self.code}-C")


TRADES = (
    Trade("CRANE", "lifting_t", (10, 32, 50, 100)),
    Trade("TRUCK", "capacity_t", (2, 3, 5, 8)),
    Trade("WELD", "current_a", (200, 350, 500, 630)),
    Trade("BOILER", "steam_t_h", (2, 4, 6, 10)),
    Trade("HV", "voltage_kv", (10, 35, 66, 110)),
    Trade("LV", "current_a", (100, 400, 630, 1600)),
    Trade("CNC", "axes", (3, 4, 5, 6)),
    Trade("PRESS", "force_t", (100, 315, 630, 1000)),
    Trade("MEWP", "height_m", (12, 16, 20, 28)),
    Trade("VESSEL", "pressure_bar", (8, 16, 40, 100)),
)
WITH_FORMER = TRADES[:4]
"""Those whose licence had another name once."""


def trade_of_machine(number: int) -> Trade:
    return TRADES[number % len(TRADES)]


def class_of_machine(number: int) -> str:
    return trade_of_machine(number).classes[number // 10 % 4]


def site_of_machine(number: int) -> str:
    return SITE_OF_TEN[number // 40 % 10]


def rating_of_machine(number: int) -> int:
    trade = trade_of_machine(number)
    return trade.steps[number // 10 * 7 % 4 if number % 3 else 0]


def machine(number: int) -> str:
    return f"{trade_of_machine(number).code}-{number:05d}"


def process(number: int) -> str:
    """The first ten are maintenance of each trade's machines, the next ten the trades' work, then parts of that work."""
    code = TRADES[number % 10].code
    return f"{MAINTENANCE}-{code}" if number < 10 else f"{code}-WORK" + (f"-{number // 10 - 1}" if number >= 20 else "")
