"""The cast: for each outcome one question about one named person, and the answer it must get.

Every story holds from the first instant of `today` until the sample is stale; only the days left count down.
"""

from dataclasses import dataclass
from typing import Literal

from qualsvc.sample.figures import COACH, COACH_HAM, LEADER


@dataclass(frozen=True, slots=True)
class CastMember:
    """A question and its answer.

    `obligations` are as the contract lists them; `reasons` are codes that must be among the answer's. `days_left` is the
    number of whole days after `today` for which the answer still holds: it ends when day `days_left` + 1 begins at the site.
    """

    outcome: str
    person: str
    equipment: str
    process: str
    decision: Literal["allow", "conditional", "deny"]
    reasons: tuple[str, ...]
    english: str
    chinese: str
    obligations: tuple[tuple[str, ...], ...] = ()
    supervisor: str | None = None
    confirmed_by: str | None = None
    days_left: int | None = None


_SUPERVISOR, _CONFIRMATION = (("supervisor_present",),), (("confirmation",),)

CAST = (
    CastMember(
        "allowed",
        *("E1001", "BC-02", "LIFT", "allow", ()),
        "A crane driver with everything in order.",
        "起重机司机，证照、体检、授权、教育齐全。",
    ),
    CastMember(
        "expiring",
        *("E1002", "BC-02", "LIFT", "allow", ("expiring_soon",)),
        "His Q2 certificate has 29 days left after today.",
        "Q2 证今天之后只剩 29 天。",
        days_left=29,
    ),
    CastMember(
        "expired",
        *("E1003", "BC-02", "LIFT", "deny", ("certificate_expired",)),
        "His Q2 certificate ran out three months ago and nobody noticed.",
        "Q2 证三个月前已过期，一直没人发现。",
    ),
    CastMember(
        "review_overdue",
        *("E1004", "HV-01", "HV-SWITCHING", "deny", ("certificate_review_overdue",)),
        "The high-voltage certificate is in date, but its review was due twelve days ago.",
        "高压证在有效期内，但复审已超期 12 天。",
    ),
    CastMember(
        "renewing",
        *("E1005", "WS-01", "WELDING", "deny", ("certificate_renewing",)),
        "The renewal is under way; until it is done, the law knows no grace.",
        "换证中：换到之前不得上岗，没有宽限期。",
    ),
    CastMember(
        "revoked",
        *("E1006", "FL-04", "LOADING", "deny", ("certificate_revoked",)),
        "The authority has revoked his truck licence.",
        "叉车证已被发证机关吊销。",
    ),
    CastMember(
        "never_had_it",
        *("E1007", "LV-01", "SWITCHING", "deny", ("certificate_missing",)),
        "He holds the high-voltage certificate; the low-voltage one he never had.",
        "有高压证，从未取得低压证：高压不能代替低压。",
    ),
    CastMember(
        "wrong_level",
        *("E1008", "WS-02", "WELDING", "deny", ("level_too_low",)),
        "A grade 5 welder where grade 4 or better is asked.",
        "焊工技能五级，岗位要求四级及以上。",
    ),
    CastMember(
        "licence_below_tonnage",
        *("E3009", "FL-H2", "LOADING", "deny", ("limit_exceeded",)),
        "Authorised up to 5 t, on an 8 t truck.",
        "授权 5 t，却要开 8 t 叉车。",
    ),
    CastMember(
        "trainee_alone",
        *("E1010", "CNC-01", "MACHINING", "conditional", ("certificate_missing", "supervision_required")),
        "A trainee who has had the basics may work, but not alone.",
        "学员，基础培训合格，须有人监护。",
        obligations=_SUPERVISOR,
    ),
    CastMember(
        "trainee_supervised",
        *("E1010", "CNC-01", "MACHINING", "allow", ()),
        "The same trainee, with a qualified machinist beside him.",
        "同一学员，有合格的师傅在场监护。",
        supervisor=COACH,
    ),
    CastMember(
        "needs_confirmation",
        *("E1011", "GC-02", "HEAVY-LIFT", "conditional", ("level_too_low", "confirmation_required")),
        "A heavy lift without the senior authorisation waits for the shift leader.",
        "大件吊装，无高级授权，须当班班长确认。",
        obligations=_CONFIRMATION,
    ),
    CastMember(
        "confirmed",
        *("E1011", "GC-02", "HEAVY-LIFT", "allow", ()),
        "The same lift, confirmed by the shift leader.",
        "同一次吊装，当班班长已确认。",
        confirmed_by=LEADER,
    ),
    CastMember(
        "waived",
        *("E1012", "RT-02", "LOADING", "allow", ("waived",)),
        "Her refresher is missing; an approved waiver bridges it on this truck for 17 days more.",
        "复训未做；例外放行已批准，限这台车，还有 17 天。",
        days_left=17,
    ),
    CastMember(
        "banned",
        *("E3013", "FL-H1", "LOADING", "deny", ("restricted",)),
        "Fully qualified, but banned from trucks after a near miss.",
        "资质齐全，因险肇事故禁止驾驶叉车。",
    ),
    CastMember(
        "company_suspended",
        *("C2014", "CNC-02", "MAINTENANCE", "deny", ("company_not_approved",)),
        "A contractor fitter whose company has been suspended.",
        "承包商检修工，所属单位已被暂停准入。",
    ),
    CastMember(
        "left",
        *("E1015", "BC-02", "LIFT", "deny", ("person_inactive", "not_employed")),
        "He left three weeks ago; his posting was never closed.",
        "三周前离职，任岗记录没有关闭。",
    ),
    CastMember(
        "transferred",
        *("E1016", "BC-02", "LIFT", "deny", ("position_not_held",)),
        "Transferred to slinger a month ago: his certificates are good, the post is not his any more.",
        "一个月前转岗为指挥：证照都有效，但已不在司机岗位。",
    ),
    CastMember(
        "on_trial",
        *("E3017", "BC-H1", "LIFT", "conditional", ("supervision_required",)),
        "Licensed, but on trial in the post: not alone.",
        "证照齐全，试岗期间须有人监护。",
        obligations=_SUPERVISOR,
    ),
    CastMember(
        "on_trial_supervised",
        *("E3017", "BC-H1", "LIFT", "allow", ()),
        "The same driver on trial, with a regular crane driver present.",
        "同一试岗司机，有正式司机在场。",
        supervisor=COACH_HAM,
    ),
    CastMember(
        "monitored",
        *("E1018", "RTG-01", "LIFT", "allow", ("monitored",)),
        "The new remote authorisation is only reported on while it is being introduced.",
        "新增远控授权试行期间仅提示，不拦截。",
    ),
    CastMember(
        "recommended",
        *(COACH, "CNC-01", "MACHINING", "allow", ("recommended_missing",)),
        "The coach may work and supervise; first aid, recommended to machinists, he has yet to learn.",
        "师傅可以操作和监护；机床岗位建议的急救培训还没参加，仅提示。",
    ),
    CastMember(
        "until_next_monday",
        *("E1019", "BC-02", "LIFT", "allow", ()),
        "Allowed until Monday, when the high-wind training becomes a rule.",
        "下周一起须有大风停机培训，此前允许。",
    ),
    CastMember(
        "locked_out",
        *("E1001", "BC-04", "LIFT", "deny", ("equipment_not_in_service",)),
        "The driver is fine; the crane is locked out.",
        "人没有问题，起重机已上锁挂牌。",
    ),
    CastMember(
        "maintenance_on_locked_out",
        *("E1020", "BC-04", "MAINTENANCE", "allow", ()),
        "The same crane, for the fitter who maintains it.",
        "同一台起重机，检修工可以检修。",
    ),
    CastMember(
        "inspection_overdue",
        *("E1021", "FL-03", "LOADING", "deny", ("inspection_overdue",)),
        "The driver is fine; the truck's own inspection is five days overdue.",
        "人没有问题，叉车定期检验已超期 5 天。",
    ),
)
