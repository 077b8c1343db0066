"""Recorded authority to act for someone else: given, and taken back."""

import re
from collections.abc import Sequence
from datetime import date, datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from yiwang.kernel.audit import actions as audit
from yiwang.kernel.base.contracts import Actor, Place
from yiwang.kernel.people._permits import own_or_staff
from yiwang.kernel.people._views import mandate_view
from yiwang.kernel.people.contracts import (
    BadMandate,
    MandateKind,
    MandateOver,
    MandateView,
    NoSuchMandate,
    NoSuchParty,
    PartyKind,
)
from yiwang.kernel.people.models import Account, Mandate, Party

# Everything, or ids of matters and journeys (and dotted beginnings of ids) as packs write them.
_SCOPE = re.compile(r"\*|[a-z0-9]+([.-][a-z0-9]+)*")


@transaction.atomic
def grant_mandate(
    *,
    kind: MandateKind,
    principal_id: int,
    agent_id: int,
    scope: Sequence[str],
    starts_on: date,
    ends_on: date,
    by: Actor,
    at: datetime,
    document_no: str = "",
) -> MandateView:
    """Record that account `agent_id` may act for party `principal_id`, until a day, within a scope.

    The principal grants, or staff record a paper by its number. An agent cannot pass authority on.
    Raises NoSuchParty, BadMandate, NotYours.
    """
    principal = Party.objects.select_for_update().filter(pk=principal_id).first()
    if principal is None:
        raise NoSuchParty(_("没有这个授权人。"), hint=_("请核对授权人的身份信息。"))
    own_or_staff(by, principal_id)
    agent = Account.objects.filter(pk=agent_id, is_active=True).first()
    places = _mistakes(kind, principal, agent, scope, starts_on, ends_on, timezone.localdate(at))
    if by.party_id != principal_id and not document_no.strip():
        places.append(Place("document_no", _("窗口登记的授权要填授权书编号。")))
    if places or agent is None:
        raise BadMandate(_("授权信息有误。"), places=places, hint=_("请逐项更正。"))
    row = Mandate.objects.create(
        kind=kind,
        principal=principal,
        agent=agent,
        scope=list(scope),
        starts_on=starts_on,
        ends_on=ends_on,
        document_no=document_no.strip(),
        recorded_by=by.account_id,
        recorded_at=at,
    )
    detail = {"agent": agent_id, "scope": list(scope), "ends_on": ends_on.isoformat()}
    audit.record("people.mandate.granted", target=f"party:{principal_id}", by=by, at=at, detail=detail)
    return mandate_view(row)


@transaction.atomic
def revoke_mandate(*, mandate_id: int, by: Actor, at: datetime) -> MandateView:
    """End a mandate today, by its principal, its agent, or staff. Raises NoSuchMandate, MandateOver, NotYours."""
    rows = Mandate.objects.select_for_update(of=("self",)).select_related("principal")
    row = rows.filter(pk=mandate_id).first()
    if row is None:
        raise NoSuchMandate(_("没有这项授权。"), hint=_("请核对授权记录。"))
    if by.account_id is None or by.account_id != row.agent_id:
        own_or_staff(by, row.principal_id)
    today = timezone.localdate(at)
    if row.revoked_on is not None or row.ends_on < today:
        raise MandateOver(_("这项授权已经结束。"), hint=_("无需再撤销。"))
    row.revoked_on = today
    row.save(update_fields=["revoked_on"])
    detail = {"mandate": mandate_id}
    audit.record("people.mandate.revoked", target=f"party:{row.principal_id}", by=by, at=at, detail=detail)
    return mandate_view(row)


def _mistakes(
    kind: MandateKind,
    principal: Party,
    agent: Account | None,
    scope: Sequence[str],
    starts_on: date,
    ends_on: date,
    today: date,
) -> list[Place]:
    places = []
    if agent is None:
        places.append(Place("agent", _("受托人账号不存在或已停用。")))
    elif agent.party_id == principal.pk:
        places.append(Place("agent", _("不能授权给本人。")))
    if kind == MandateKind.FIRM_AGENT and principal.kind != PartyKind.FIRM:
        places.append(Place("kind", _("企业经办人只能由企业授权。")))
    if not scope or not all(map(_SCOPE.fullmatch, scope)):
        places.append(Place("scope", _("请写明授权办理的事项。")))
    if ends_on < max(starts_on, today):
        places.append(Place("ends_on", _("授权截止日期应在开始日期之后，且不早于今天。")))
    return places
