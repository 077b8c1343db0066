"""Giving authority by the agent's sign-in name: by the principal online, or recorded by staff from a paper."""

from datetime import date, datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from yiwang.kernel.access import queries as access
from yiwang.kernel.base.contracts import Actor, Place
from yiwang.kernel.people import actions as people
from yiwang.kernel.people import queries as people_queries
from yiwang.kernel.people.contracts import (
    AccountKind,
    AccountView,
    BadMandate,
    IdType,
    MandateKind,
    MandateView,
    NotYours,
    PartyKind,
)
from yiwang.support.login import _lockout


def authorise(*, identifier: str, scope: str, ends_on: date | None, by: Actor, at: datetime) -> MandateView:
    """Let the account that signs in as `identifier` act for oneself until a day.

    Raises BadMandate, NotYours, SignInLocked after several names that nobody has.
    """
    if by.party_id is None:
        raise NotYours(_("只有个人账号可以在线授权。"), hint=_("企业授权由法定代表人在“企业经办”中办理。"))
    key = _lockout.key_of("authorise", by.account_id)
    _lockout.refuse_locked(key, at=at)
    agent = agent_named(identifier)
    if agent is None:
        _lockout.count_failure(key, at=at)
    helper, day = checked(agent, ends_on)
    return people.grant_mandate(
        kind=MandateKind.HELPER,
        principal_id=by.party_id,
        agent_id=helper.id,
        scope=[scope],
        starts_on=timezone.localdate(at),
        ends_on=day,
        by=by,
        at=at,
    )


@transaction.atomic
def record_mandate(
    *,
    at_org: int,
    kind: PartyKind,
    name: str,
    id_number: str,
    phone: str,
    identifier: str,
    scope: str,
    ends_on: date | None,
    document_no: str,
    by: Actor,
    at: datetime,
) -> MandateView:
    """Record a paper of authority that was shown at a window. Raises NotPermitted, BadParty, BadMandate."""
    access.require(by, "login.record-mandate", at_org=at_org)
    agent, day = checked(agent_named(identifier), ends_on)
    is_firm = PartyKind(kind) is PartyKind.FIRM
    principal = people.ensure_party(
        kind=PartyKind(kind),
        name=name,
        id_type=IdType.USCC if is_firm else IdType.CITIZEN_ID,
        id_number=id_number,
        phone=phone,
        by=by,
        at=at,
    )
    return people.grant_mandate(
        kind=MandateKind.FIRM_AGENT if is_firm else MandateKind.HELPER,
        principal_id=principal.id,
        agent_id=agent.id,
        scope=[scope],
        starts_on=timezone.localdate(at),
        ends_on=day,
        document_no=document_no,
        by=by,
        at=at,
    )


def agent_named(identifier: str) -> AccountView | None:
    """The one active account of that name, of whom anybody may be an agent; machines may not."""
    found = [a for a in people_queries.accounts_named(identifier) if a.is_active and a.kind is not AccountKind.MACHINE]
    return found[0] if len(found) == 1 else None


def checked(agent: AccountView | None, ends_on: date | None) -> tuple[AccountView, date]:
    places = []
    if agent is None:
        places.append(Place("agent", _("没有找到这个账号，请对方先注册；多人共用手机号码时请填身份证号码。")))
    if ends_on is None:
        places.append(Place("ends_on", _("请选择授权截止日期。")))
    if agent is None or ends_on is None:
        raise BadMandate(_("授权信息有误。"), places=places)
    return agent, ends_on
