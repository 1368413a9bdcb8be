"""What a reason says to a person, and what would fix it, in English and Simplified Chinese.

Templates are filled with codes of records and with local dates, never with names of persons. A template may ask for any field
of `Reason`; `{date}` is the local date behind it, `{subject}` whom or what it is about.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

from qualsvc.kernel.reasons import Reason, ReasonCode

Language = Literal["en", "zh-CN"]


@dataclass(frozen=True, slots=True)
class Wording:
    """What is the matter, and what would fix it."""

    message: str
    remedy: str


_EN: Mapping[ReasonCode, Wording] = {
    "person_unknown": Wording("person {subject} is not known", "check the code or badge; have HR register the person"),
    "equipment_unknown": Wording("equipment {subject} is not known", "check the code; have the equipment registered"),
    "process_unknown": Wording("process {subject} is not known", "check the code; have the process registered"),
    "person_inactive": Wording(
        "person {subject} is {detail}", "have HR make the person active again; whoever left is hired again"
    ),
    "not_employed": Wording(
        "person {subject} is not employed then; employment begins or ends{dated}", "have HR correct the dates of employment"
    ),
    "company_not_approved": Wording(
        "the contractor's company is not approved: {company} ({detail}){dated}",
        "have the contractor office approve the company or name one that is approved",
    ),
    "restricted": Wording("barred by restriction {restriction}", "only whoever imposed the restriction can lift it"),
    "equipment_not_in_service": Wording(
        "equipment {subject} is {detail}", "use equipment that is in service, or have it returned to service"
    ),
    "inspection_overdue": Wording(
        "the inspection of equipment {subject} ran out{dated}", "have the equipment inspected and record it"
    ),
    "no_grant": Wording(
        "no rule in force lets anybody operate {subject}", "have EHS write a grant for this equipment and process"
    ),
    "certificate_revoked": Wording("certificate {certificate} is revoked", "a new certificate must be issued"),
    "certificate_suspended": Wording("certificate {certificate} is suspended", "have the suspension lifted by its issuer"),
    "certificate_expired": Wording("certificate {certificate} expired{dated}", "renew the certificate and record the new date"),
    "certificate_review_overdue": Wording(
        "the review of certificate {certificate} was due{dated}", "pass the review and record the next one"
    ),
    "certificate_renewing": Wording(
        "certificate {certificate} is being renewed and may not be used meanwhile", "wait for the renewed certificate"
    ),
    "certificate_pending": Wording("certificate {certificate} is not issued yet", "wait until it is issued and record it"),
    "certificate_not_yet_valid": Wording("certificate {certificate} is valid only from{dated}", "wait until that date"),
    "certificate_unverified": Wording(
        "certificate {certificate} is not verified", "have it verified with its issuer and record that"
    ),
    "level_too_low": Wording(
        "certificate {certificate} has level {detail}, too low for {requirement}", "obtain a certificate of the level asked"
    ),
    "scope_missing": Wording("certificate {certificate} does not cover {detail}", "have the scope added to the certificate"),
    "limit_exceeded": Wording(
        "certificate {certificate} is too small for this equipment: {detail}",
        "use equipment within the limit, or obtain a certificate that covers it",
    ),
    "certificate_missing": Wording("{requirement} is missing", "obtain it and have it recorded"),
    "training_failed": Wording("{requirement} was last failed{dated}", "repeat the course and pass"),
    "training_lapsed": Wording("{requirement} lapsed{dated}", "repeat the course"),
    "training_insufficient": Wording(
        "{requirement}: record {training_record} does not reach the score, hours or attendance asked", "repeat the course"
    ),
    "training_missing": Wording("{requirement} is missing", "take the course and pass"),
    "position_not_held": Wording(
        "position {position} is not held", "be assigned to the position, if that is the person's work"
    ),
    "supervision_required": Wording(
        "may operate only under supervision", "have a qualified person present and name them as `supervisor`"
    ),
    "confirmation_required": Wording("needs confirmation", "have somebody entitled confirm and name them as `confirmed_by`"),
    "supervisor_not_qualified": Wording(
        "{subject} does not count as supervisor ({detail})", "name another person who is fully qualified here"
    ),
    "confirmer_not_entitled": Wording(
        "{subject} may not confirm ({detail})", "name another person in a position that may confirm"
    ),
    "supervision_given": Wording("operates under supervision", "nothing needs fixing"),
    "confirmation_given": Wording("confirmed", "nothing needs fixing"),
    "waived": Wording("rule {rule} is waived by {waiver}", "lift the causes before the waiver ends"),
    "monitored": Wording("rule {rule} is not met; it is monitored, not enforced", "lift the causes before it is enforced"),
    "expiring_soon": Wording("certificate {certificate} counts only until the end of {date}", "renew or review it in time"),
    "recommended_missing": Wording(
        "what rule {rule} recommends is not met; it is not required", "obtain or renew what the causes name when there is time"
    ),
}

_ZH: Mapping[ReasonCode, Wording] = {
    "person_unknown": Wording("系统中没有人员 {subject}", "核对工号或卡号；请人事登记该人员"),
    "equipment_unknown": Wording("系统中没有设备 {subject}", "核对设备编号；请登记该设备"),
    "process_unknown": Wording("系统中没有工序 {subject}", "核对工序编号；请登记该工序"),
    "person_inactive": Wording("人员 {subject} 不在岗（{detail}）", "请人事恢复其在岗状态；已离职者须重新入职"),
    "not_employed": Wording("人员 {subject} 当日不在聘用期内，聘用起止日{dated}", "请人事更正聘用日期"),
    "company_not_approved": Wording("承包商未获准入：{company}（{detail}）{dated}", "请外包管理部门办理准入或更正所属单位"),
    "restricted": Wording("已被列入禁入 {restriction}", "只能由发布禁入的部门解除"),
    "equipment_not_in_service": Wording("设备 {subject} 未投用（{detail}）", "改用在用设备，或恢复该设备投用"),
    "inspection_overdue": Wording("设备 {subject} 检验已过期{dated}", "安排检验并登记结果"),
    "no_grant": Wording("没有生效的规则允许操作 {subject}", "请安环部门为该设备和工序制定准入规则"),
    "certificate_revoked": Wording("证照 {certificate} 已吊销", "须重新取证"),
    "certificate_suspended": Wording("证照 {certificate} 已暂停", "请发证机关解除暂停"),
    "certificate_expired": Wording("证照 {certificate} 已过期{dated}", "办理换证并登记新的有效期"),
    "certificate_review_overdue": Wording("证照 {certificate} 复审逾期{dated}", "完成复审并登记下次复审日期"),
    "certificate_renewing": Wording("证照 {certificate} 换证中，期间不得作业", "待新证下发"),
    "certificate_pending": Wording("证照 {certificate} 尚未发放", "待发证后登记"),
    "certificate_not_yet_valid": Wording("证照 {certificate} 尚未生效{dated}", "待生效之日"),
    "certificate_unverified": Wording("证照 {certificate} 待核验", "向发证机关核验真伪并登记"),
    "level_too_low": Wording("证照 {certificate} 等级 {detail} 低于要求：{requirement}", "取得要求的等级"),
    "scope_missing": Wording("证照 {certificate} 不含项目 {detail}", "增加作业项目"),
    "limit_exceeded": Wording("证照 {certificate} 限额不足：{detail}", "改用限额以内的设备，或取得相应限额的证照"),
    "certificate_missing": Wording("缺少 {requirement}", "取得并登记该证照"),
    "training_failed": Wording("{requirement} 最近一次未通过{dated}", "重新培训并考核合格"),
    "training_lapsed": Wording("{requirement} 已过期{dated}", "重新参加培训"),
    "training_insufficient": Wording("{requirement}：记录 {training_record} 的成绩、学时或出勤未达标", "重新参加培训"),
    "training_missing": Wording("缺少 {requirement}", "参加培训并考核合格"),
    "position_not_held": Wording("未任岗位 {position}", "如确属其工作，办理任岗"),
    "supervision_required": Wording("须有监护人在场方可操作", "安排具备资质的监护人，并以 supervisor 参数给出"),
    "confirmation_required": Wording("须经确认方可操作", "请有权人员确认，并以 confirmed_by 参数给出"),
    "supervisor_not_qualified": Wording("{subject} 不能担任监护人（{detail}）", "改由在此完全具备资质的人员监护"),
    "confirmer_not_entitled": Wording("{subject} 无权确认（{detail}）", "改由有确认权岗位的人员确认"),
    "supervision_given": Wording("在监护下操作", "无需处理"),
    "confirmation_given": Wording("已确认", "无需处理"),
    "waived": Wording("规则 {rule} 已由 {waiver} 例外放行", "在放行到期前消除原因"),
    "monitored": Wording("规则 {rule} 未满足，仅预警不拦截", "在规则强制执行前消除原因"),
    "expiring_soon": Wording("证照 {certificate} 有效至 {date}", "及时换证或复审"),
    "recommended_missing": Wording("规则 {rule} 建议的资质未满足，仅提示、不影响判定", "按所列原因适时补齐"),
}

_DETAILS_ZH = {
    "suspended": "暂停",
    "left": "已离职",
    "locked_out": "上锁挂牌",
    "retired": "已报废",
    "lapsed": "准入过期",
    "none": "未登记单位",
    "unknown": "系统中没有此人",
    "operator": "不能监护或确认本人",
    "not_qualified": "条件不满足",
    "may_confirm": "（须有确认权）",
}
_DETAILS_EN = {
    "left": "no longer employed",
    "locked_out": "locked out",
    "lapsed": "approval ran out",
    "none": "no company recorded",
    "unknown": "not known",
    "operator": "nobody supervises or confirms their own work",
    "not_qualified": "see the causes",
    "may_confirm": "that may confirm",
}
_NONE = {"en": "–", "zh-CN": "–"}
_DATED = {"en": " ({date})", "zh-CN": "（{date}）"}


def wording(reason: Reason, language: Language) -> Wording:
    """The message and remedy of a reason, filled in."""
    template = (_EN if language == "en" else _ZH)[reason.code]
    details = _DETAILS_EN if language == "en" else _DETAILS_ZH
    day = "" if reason.date is None else date.fromordinal(reason.date).isoformat()
    fields = {
        "subject": reason.subject,
        "detail": details.get(reason.detail or "", reason.detail),
        "rule": reason.rule,
        "requirement": reason.requirement,
        "certificate": reason.certificate,
        "training_record": reason.training_record,
        "position": reason.position or details.get(reason.detail or ""),
        "company": reason.company or reason.subject,
        "restriction": reason.restriction,
        "waiver": reason.waiver,
        "date": day,
    }
    shown = {name: value or _NONE[language] for name, value in fields.items()}
    shown["dated"] = _DATED[language].format(date=day) if day else ""
    return Wording(template.message.format_map(shown), template.remedy.format_map(shown))
