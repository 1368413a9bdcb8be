"""Where the work is done: two sites, three contractors, the class tree, 40 machines, 12 processes."""

from collections.abc import Iterator
from datetime import date

from qualsvc.sample.days import ZONES, day
from qualsvc.sample.lines import Line, line

SITES = {"NGB": "宁波制造基地 / Ningbo works", "HAM": "汉堡服务厂 / Hamburg service yard"}

COMPANIES = (
    # code, name, status, approved for this many more days
    ("DONGHAI", "东海吊装（示例）/ Donghai Rigging (sample)", "approved", 180),
    ("ELBE", "Elbe Montage GmbH (sample)", "approved", 240),
    ("YONGAN", "甬安检修（示例）/ Yong'an Maintenance (sample)", "suspended", 120),
)

ORG_UNITS = (
    # code, name, parent, site
    ("HM", "港湾机械 / Harbour Machinery", None, None),
    ("NGB", "宁波制造基地 / Ningbo works", "HM", "NGB"),
    ("NGB-LIFT", "起重班 / Lifting", "NGB", "NGB"),
    ("NGB-LOG", "物流班 / Logistics", "NGB", "NGB"),
    ("NGB-WELD", "焊接班 / Welding", "NGB", "NGB"),
    ("NGB-MACH", "机加工班 / Machining", "NGB", "NGB"),
    ("NGB-POWER", "动力班 / Power and steam", "NGB", "NGB"),
    ("NGB-MAINT", "维修班 / Maintenance", "NGB", "NGB"),
    ("NGB-EHS", "安环部 / EHS", "NGB", "NGB"),
    ("HAM", "汉堡服务厂 / Hamburg service yard", "HM", "HAM"),
    ("HAM-YARD", "堆场班 / Yard", "HAM", "HAM"),
    ("HAM-SHOP", "车间班 / Workshop", "HAM", "HAM"),
)

CLASSES = (
    # code, name, parent
    ("LIFTING", "起重机械 / Lifting appliances", None),
    ("BRIDGE-CRANE", "桥式起重机 / Bridge cranes", "LIFTING"),
    ("GANTRY-CRANE", "门式起重机 / Gantry cranes", "LIFTING"),
    ("RTG", "轮胎式集装箱门式起重机 / Rubber-tyred gantries", "GANTRY-CRANE"),
    ("MOBILE-CRANE", "流动式起重机 / Mobile cranes", "LIFTING"),
    ("TRUCK", "场内机动车辆 / Industrial trucks", None),
    ("COUNTERBALANCE", "平衡重式叉车 / Counterbalance trucks", "TRUCK"),
    ("REACH-TRUCK", "前移式叉车 / Reach trucks", "TRUCK"),
    ("PRESSURE", "承压设备 / Pressure equipment", None),
    ("BOILER", "蒸汽锅炉 / Steam boilers", "PRESSURE"),
    ("WELDING-SET", "焊接设备 / Welding sets", None),
    ("ELECTRICAL", "配电设施 / Electrical rooms", None),
    ("HV-ROOM", "高压配电室 / High-voltage rooms", "ELECTRICAL"),
    ("LV-ROOM", "低压配电室 / Low-voltage rooms", "ELECTRICAL"),
    ("MACHINE-TOOL", "金属加工机床 / Machine tools", None),
    ("CNC", "数控机床 / CNC machines", "MACHINE-TOOL"),
    ("PRESS", "压力机 / Presses", "MACHINE-TOOL"),
    ("MEWP", "移动式升降工作平台 / Mobile elevating work platforms", None),
)

MACHINES = (
    # code, name, class, site, rating name and tonnes, inspected for this many more days
    ("BC-01", "1号桥式起重机 10 t", "BRIDGE-CRANE", "NGB", ("lifting_t", 10), 200),
    ("BC-02", "2号桥式起重机 20 t", "BRIDGE-CRANE", "NGB", ("lifting_t", 20), 310),
    ("BC-03", "3号桥式起重机 32 t", "BRIDGE-CRANE", "NGB", ("lifting_t", 32), 95),
    ("BC-04", "4号桥式起重机 50 t（检修挂牌）", "BRIDGE-CRANE", "NGB", ("lifting_t", 50), 260),
    ("GC-01", "1号门式起重机 60 t", "GANTRY-CRANE", "NGB", ("lifting_t", 60), 150),
    ("GC-02", "2号门式起重机 100 t", "GANTRY-CRANE", "NGB", ("lifting_t", 100), 420),
    ("RTG-01", "1号轮胎吊 40.5 t", "RTG", "NGB", ("lifting_t", 40.5), 330),
    ("RTG-02", "2号轮胎吊 40.5 t", "RTG", "NGB", ("lifting_t", 40.5), 330),
    ("RTG-03", "3号轮胎吊 40.5 t", "RTG", "NGB", ("lifting_t", 40.5), 45),
    ("MC-01", "汽车起重机 50 t", "MOBILE-CRANE", "NGB", ("lifting_t", 50), 180),
    ("FL-01", "1号叉车 3 t", "COUNTERBALANCE", "NGB", ("capacity_t", 3), 210),
    ("FL-02", "2号叉车 3 t", "COUNTERBALANCE", "NGB", ("capacity_t", 3), 210),
    ("FL-03", "3号叉车 5 t（检验超期）", "COUNTERBALANCE", "NGB", ("capacity_t", 5), -5),
    ("FL-04", "4号叉车 8 t", "COUNTERBALANCE", "NGB", ("capacity_t", 8), 90),
    ("RT-01", "1号前移式叉车 1.6 t", "REACH-TRUCK", "NGB", ("capacity_t", 1.6), 140),
    ("RT-02", "2号前移式叉车 2 t", "REACH-TRUCK", "NGB", ("capacity_t", 2), 140),
    ("BL-01", "1号蒸汽锅炉 4 t/h", "BOILER", "NGB", None, 270),
    ("BL-02", "2号蒸汽锅炉 6 t/h", "BOILER", "NGB", None, 80),
    ("WS-01", "1号焊机", "WELDING-SET", "NGB", None, None),
    ("WS-02", "2号焊机", "WELDING-SET", "NGB", None, None),
    ("WS-03", "3号焊机", "WELDING-SET", "NGB", None, None),
    ("WS-04", "4号焊机（报废）", "WELDING-SET", "NGB", None, None),
    ("HV-01", "10 kV 高压配电室", "HV-ROOM", "NGB", None, None),
    ("LV-01", "1号低压配电室", "LV-ROOM", "NGB", None, None),
    ("LV-02", "2号低压配电室", "LV-ROOM", "NGB", None, None),
    ("CNC-01", "数控龙门铣床", "CNC", "NGB", None, None),
    ("CNC-02", "数控镗铣床", "CNC", "NGB", None, None),
    ("PR-01", "315 t 液压机", "PRESS", "NGB", None, None),
    ("MP-01", "曲臂式升降平台 20 m", "MEWP", "NGB", None, 160),
    ("BC-H1", "Brückenkran 1, 16 t", "BRIDGE-CRANE", "HAM", ("lifting_t", 16), 220),
    ("BC-H2", "Brückenkran 2, 32 t", "BRIDGE-CRANE", "HAM", ("lifting_t", 32), 100),
    ("MC-H1", "Mobilkran 60 t", "MOBILE-CRANE", "HAM", ("lifting_t", 60), 130),
    ("FL-H1", "Gabelstapler 3 t", "COUNTERBALANCE", "HAM", ("capacity_t", 3), 250),
    ("FL-H2", "Gabelstapler 8 t", "COUNTERBALANCE", "HAM", ("capacity_t", 8), 250),
    ("RT-H1", "Schubmaststapler 2 t", "REACH-TRUCK", "HAM", ("capacity_t", 2), 175),
    ("WS-H1", "Schweißgerät 1", "WELDING-SET", "HAM", None, None),
    ("WS-H2", "Schweißgerät 2", "WELDING-SET", "HAM", None, None),
    ("CNC-H1", "CNC-Drehmaschine", "CNC", "HAM", None, None),
    ("PR-H1", "Richtpresse 100 t", "PRESS", "HAM", None, None),
    ("MP-H1", "Gelenkarbeitsbühne 16 m", "MEWP", "HAM", None, 60),
)

OUT_OF_SERVICE = {"BC-04": "locked_out", "WS-04": "retired"}

PROCESSES = (
    # code, name, parent
    ("LIFT", "起重吊装 / Lifting", None),
    ("HEAVY-LIFT", "大件吊装 / Heavy lift", "LIFT"),
    ("TANDEM-LIFT", "双机抬吊 / Tandem lift", "HEAVY-LIFT"),
    ("LOADING", "装卸搬运 / Loading and handling", None),
    ("WELDING", "焊接 / Welding", None),
    ("CONFINED-HOT-WORK", "受限空间动火 / Hot work in a confined space", "WELDING"),
    ("SWITCHING", "倒闸操作 / Switching", None),
    ("HV-SWITCHING", "高压倒闸操作 / High-voltage switching", "SWITCHING"),
    ("MACHINING", "机械加工 / Machining", None),
    ("STEAM-SUPPLY", "供汽 / Steam supply", None),
    ("WORK-AT-HEIGHT", "高处作业 / Work at height", None),
    ("MAINTENANCE", "设备检修 / Maintenance", None),
)


def place_lines(today: date) -> Iterator[Line]:
    """Sites, companies, org units, classes, machines and processes."""
    for code, name in SITES.items():
        yield line("site", code, name=name, time_zone=ZONES[code])
    for code, name, status, days in COMPANIES:
        yield line("company", code, name=name, status=status, approved_until=day(today, days))
    for code, name, unit, site in ORG_UNITS:
        yield line("org_unit", code, name=name, parent=unit, site=site)
    for code, name, parent in CLASSES:
        yield line("equipment_class", code, name=name, parent=parent)
    for code, name, equipment_class, site, rating, inspected in MACHINES:
        yield line(
            "equipment",
            code,
            name=name,
            equipment_class=equipment_class,
            site=site,
            status=OUT_OF_SERVICE.get(code, "in_service"),
            inspection_valid_until=day(today, inspected),
            ratings=dict([rating] if rating else []),
        )
    for code, name, parent in PROCESSES:
        yield line("process", code, name=name, parent=parent, maintenance=code == "MAINTENANCE")
