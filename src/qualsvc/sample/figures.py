"""The named persons: each holds everything their work asks for but the one thing their story is about."""

from collections.abc import Iterator
from datetime import date, timedelta

from qualsvc.sample.days import midnight
from qualsvc.sample.lines import Line, line
from qualsvc.sample.persons import Figure, Post, person_lines

LEADER, LEADER_HAM, COACH, COACH_HAM = "E1091", "E3091", "E1092", "E3092"
SAFETY = "E1096"

FIGURES = (
    Figure("E1001", "陈海波 (Chen Haibo)", "NGB", "NGB-LIFT", "CRANE-DRIVER", leader=LEADER),
    Figure("E1002", "李国强 (Li Guoqiang)", "NGB", "NGB-LIFT", "CRANE-DRIVER", {"Q2": {"until": 29}}, leader=LEADER),
    Figure("E1003", "王建军 (Wang Jianjun)", "NGB", "NGB-LIFT", "CRANE-DRIVER", {"Q2": {"until": -92}}, leader=LEADER),
    Figure("E1004", "沈志远 (Shen Zhiyuan)", "NGB", "NGB-POWER", "HV-ELECTRICIAN", {"AQ11": {"review": -12}}),
    Figure("E1005", "郑立新 (Zheng Lixin)", "NGB", "NGB-WELD", "WELDER", {"AQ21": {"until": 20, "status": "renewing"}}),
    Figure("E1006", "周明辉 (Zhou Minghui)", "NGB", "NGB-LOG", "TRUCK-DRIVER", {"N1": {"status": "revoked"}}),
    # His certificate is for high voltage; he works as a low-voltage electrician and never had that one.
    Figure("E1007", "吴小龙 (Wu Xiaolong)", "NGB", "NGB-POWER", "HV-ELECTRICIAN", posts=(Post("LV-ELECTRICIAN"),)),
    Figure("E1008", "冯家乐 (Feng Jiale)", "NGB", "NGB-WELD", "WELDER", {"VQW": {"level": "五级"}}),
    Figure(
        "E3009", "Jens Petersen", "HAM", "HAM-YARD", "TRUCK-DRIVER", {"IAT": {"limits": {"capacity_t": 5}}}, leader=LEADER_HAM
    ),
    Figure(
        "E1010", "徐子涵 (Xu Zihan)", "NGB", "NGB-MACH", "MACHINIST", {"IAM": None}, (Post("MACHINIST", -30),), leader=COACH
    ),
    Figure("E1011", "孙伟东 (Sun Weidong)", "NGB", "NGB-LIFT", "CRANE-DRIVER", leader=LEADER),
    Figure("E1012", "何秀兰 (He Xiulan)", "NGB", "NGB-LOG", "TRUCK-DRIVER", {"REACH": None}),
    Figure("E3013", "Torsten Behrens", "HAM", "HAM-YARD", "TRUCK-DRIVER", leader=LEADER_HAM),
    Figure("C2014", "钱永康 (Qian Yongkang)", "NGB", "NGB-MAINT", "CONTRACT-FITTER", company="YONGAN"),
    # The posting was never closed: being gone is enough.
    Figure("E1015", "蒋德明 (Jiang Deming)", "NGB", "NGB-LIFT", "CRANE-DRIVER", leader=LEADER, status="left", left=-20),
    Figure(
        "E1016",
        "韩晓峰 (Han Xiaofeng)",
        "NGB",
        "NGB-LIFT",
        "CRANE-DRIVER",
        posts=(Post("CRANE-DRIVER", -900, -30), Post("SLINGER", -30)),
        leader=LEADER,
    ),
    Figure(
        "E3017",
        "Lena Hoffmann",
        "HAM",
        "HAM-SHOP",
        "CRANE-DRIVER",
        posts=(Post("CRANE-DRIVER", -14, 76, "trial"),),
        leader=COACH_HAM,
    ),
    Figure("E1018", "曹志刚 (Cao Zhigang)", "NGB", "NGB-LIFT", "CRANE-DRIVER", {"RTG": None}, leader=LEADER),
    Figure("E1019", "彭海涛 (Peng Haitao)", "NGB", "NGB-LIFT", "CRANE-DRIVER", {"WIND": None}, leader=LEADER),
    Figure("E1020", "董建平 (Dong Jianping)", "NGB", "NGB-MAINT", "FITTER"),
    Figure("E1021", "潘丽华 (Pan Lihua)", "NGB", "NGB-LOG", "TRUCK-DRIVER"),
    Figure(LEADER, "林正义 (Lin Zhengyi)", "NGB", "NGB-LIFT", "SHIFT-LEADER"),
    Figure(COACH, "赵文博 (Zhao Wenbo)", "NGB", "NGB-MACH", "MACHINIST", {"IAM": {"level": "L3"}, "FIRST-AID": None}),
    Figure(SAFETY, "方静 (Fang Jing)", "NGB", "NGB-EHS", "SAFETY-OFFICER"),
    Figure(LEADER_HAM, "Anke Lorenzen", "HAM", "HAM-YARD", "SHIFT-LEADER"),
    Figure(COACH_HAM, "Mehmet Yıldız", "HAM", "HAM-SHOP", "CRANE-DRIVER", leader=LEADER_HAM),
)


def figure_lines(today: date) -> Iterator[Line]:
    """The named persons, the waiver and the ban."""
    for figure in FIGURES:
        yield from person_lines(figure, today)
    yield line(
        "waiver",
        "W-REACH-1012",
        person="E1012",
        rule="REACH-REFRESHER",
        equipment="RT-02",
        valid_from=midnight(today - timedelta(days=3), "NGB"),
        valid_until=midnight(today + timedelta(days=18), "NGB"),
        reason="复训教员请假，课程已排期 / instructor on leave, course booked",
        status="approved",
        requested_by=LEADER,
        approved_by=SAFETY,
    )
    yield line(
        "restriction",
        "BAN-3013",
        person="E3013",
        equipment_class="TRUCK",
        valid_from=midnight(today - timedelta(days=2), "HAM"),
        valid_until=midnight(today + timedelta(days=28), "HAM"),
        reason="Beinaheunfall, Untersuchung läuft / near miss under investigation",
    )
