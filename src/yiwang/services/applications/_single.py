"""One matter applied for by itself: whose business it is, what it asks of these answers, what it would come to."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from yiwang.kernel.base.contracts import Actor, Denied
from yiwang.kernel.forms import queries as forms
from yiwang.kernel.forms.contracts import FormDef, Subject
from yiwang.kernel.people import queries as people
from yiwang.kernel.people.contracts import PartyKind, PartyView
from yiwang.kernel.rules import queries as rules
from yiwang.kernel.rules.contracts import Answer
from yiwang.services.applications.contracts import AssuranceNeeded, ConditionView, NotForThisApplicant, NotOpenOnline
from yiwang.services.matters import queries as matters
from yiwang.services.matters.contracts import ImplementationView, Material

_ANSWERS = {True: Answer.MET, False: Answer.NOT_MET, None: Answer.UNKNOWN}


def implementation(code: str, *, on: date) -> ImplementationView:
    """The list of one organisation, if it can be applied for by itself. Raises NoSuchImplementation, NotOpenOnline."""
    found = matters.by_code(code, on=on)
    if not (found.may_apply_online and found.stands_alone):
        raise NotOpenOnline(_("这个事项暂不能在网上单独申请。"), hint=_("请看办事指南，或到所列的窗口办理。"))
    return found


def applicant(matter: ImplementationView, by: Actor) -> PartyView:
    """Whom `by` acts for, within the mandate and of the kind that the matter is for."""
    if by.acting_for is None:
        raise Denied(_("请用个人账号登录，或由代办人代为申报。"), hint=_("工作人员请在窗口用代办入口。"))
    people.require_scope(by, matter.matter_id)
    party = people.party(by.acting_for)
    is_person = party.kind is PartyKind.PERSON
    if matter.audience and ("person" in matter.audience if is_person else set(matter.audience) - {"person"}):
        return party
    if is_person:
        raise NotForThisApplicant(_("这个事项由企业或单位办理。"), hint=_("请选择您代表的企业后再办。"))
    raise NotForThisApplicant(_("这个事项由个人办理。"), hint=_("请改为以本人身份办理。"))


def require_assurance(matter: ImplementationView, proved: int) -> None:
    """Whoever files must be as sure a person as the matter demands. Raises AssuranceNeeded."""
    if proved < matter.assurance:
        raise AssuranceNeeded(
            _("提交这个事项前要再确认一次是您本人。"),
            hint=_("请在“再次确认”页面用通行密钥、动态口令或短信验证码确认，填好的内容都在；也可以到窗口办理。"),
            level=matter.assurance,
        )


def subject(party: PartyView) -> Subject:
    return Subject(party.id, party.id_number, party.kind.value)


def form(matter: ImplementationView) -> FormDef:
    return forms.get(matter.form_id)


def materials(matter: ImplementationView, asked: FormDef, answers: Mapping[str, Any], today: date) -> list[Material]:
    """What these answers call for; a condition without its answers calls for nothing."""
    types, facts = _terms(asked, answers, today)
    return [
        each
        for each in matter.materials or ()
        if not each.when or rules.compile(each.when, types).evaluate(facts) is True
    ]


def conditions(
    matter: ImplementationView, asked: FormDef, answers: Mapping[str, Any], today: date
) -> tuple[ConditionView, ...]:
    """受理条件 over the answers; one without a rule stays for the unit to judge."""
    types, facts = _terms(asked, answers, today)
    return tuple(
        ConditionView(
            each.code,
            each.sentence,
            each.sentence_en,
            _ANSWERS[rules.compile(each.when, types).evaluate(facts)] if each.when else Answer.UNKNOWN,
        )
        for each in matter.conditions or ()
    )


def _terms(asked: FormDef, answers: Mapping[str, Any], today: date) -> tuple[dict[str, str], dict[str, Any]]:
    types = {**forms.condition_types(asked), "as_of": "date"}
    return types, {**answers, "as_of": today}
