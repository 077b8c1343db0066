"""Is somebody who registers who they say: what the population registry can tell without a face."""

from datetime import datetime

from django.utils.translation import gettext as _

from yiwang.data.registries import queries as registries
from yiwang.kernel.audit import actions as audit
from yiwang.kernel.base.contracts import Actor, Place
from yiwang.kernel.base.fields import sealed_index
from yiwang.kernel.people import queries as people
from yiwang.kernel.people.contracts import BadParty
from yiwang.support.login.contracts import CannotRegister

PURPOSE, AUTHORITY = "实名注册核验", "网络安全法第二十四条"


def verify(*, name: str, id_number: str, phone: str, by: Actor, at: datetime) -> None:
    """Compare with the registry and write the disclosure. Who is not registered in this place may still register.

    Knowing somebody's number is not being that person: a phone on record has to be the one in hand.
    Raises BadParty, CannotRegister.
    """
    key = sealed_index(id_number)
    person = registries.find_person(key)
    if person is None:
        return
    audit.disclose(
        subject_key=key,
        elements=["person.name", "person.phone"],
        purpose=PURPOSE,
        authority=AUTHORITY,
        case_number=None,
        by=by,
        at=at,
    )
    if not people.same_name(person.name, name):
        place = Place("name", _("姓名或名称与证件号码登记的不一致。"))
        raise BadParty(_("身份信息有误。"), places=[place], hint=_("请对照证件核对，或到窗口更正。"))
    if person.died_on is not None:
        raise CannotRegister(_("该身份不能注册账号。"), hint=_("如有疑问，请带身份证到窗口办理。"))
    if person.phone and person.phone != phone:
        raise other_phone()


def other_phone() -> CannotRegister:
    return CannotRegister(_("该身份预留了另一个手机号码。"), hint=_("请用预留的手机号码注册，或带身份证到窗口更改。"))
