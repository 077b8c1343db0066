"""Agents of firms, online: the registered legal representative asks, the agent accepts, either ends it, both are told.

Who represents a firm, the register of legal persons says, by the person's number and not by the name. What counts is a
mandate of kernel.people, as if it had been recorded at a window; it ends by its date.
"""

from collections.abc import Mapping
from contextlib import suppress
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from yiwang.data.registries import queries as registries
from yiwang.data.registries.contracts import LegalPersonRecord
from yiwang.kernel.audit import actions as audit
from yiwang.kernel.base.contracts import SYSTEM, Actor, Place
from yiwang.kernel.people import actions as people
from yiwang.kernel.people import queries as people_queries
from yiwang.kernel.people.contracts import (
    AccountView,
    BadMandate,
    IdType,
    MandateKind,
    MandateView,
    NotYours,
    PartyKind,
)
from yiwang.support.login import _lockout
from yiwang.support.login._mandates import agent_named, checked
from yiwang.support.login._passkeys import require_sure
from yiwang.support.login._scopes import scopes
from yiwang.support.login.contracts import AppointmentView, LedFirm, NoSuchAppointment, Proof
from yiwang.support.login.models import Appointment
from yiwang.support.notify import actions as notify
from yiwang.support.notify.contracts import NoSuchTemplate

OPEN_FOR = timedelta(days=14)
OPEN_MOST = 20
_OPEN = "open"


def firms_led_by(by: Actor, *, at: datetime) -> list[LedFirm]:
    """The firms of which this person is the registered legal representative, with their agents and open invitations."""
    return [_led(record, at) for record in _records(by)]


def invitations_of(by: Actor, *, at: datetime) -> list[AppointmentView]:
    """Invitations that wait for this account's answer, the newest first."""
    return [_view(row) for row in _waiting(at).filter(agent=by.account_id).select_related("firm").order_by("-pk")]


def appoint_agent(
    *,
    uscc: str,
    identifier: str,
    scope: str,
    ends_on: date | None,
    proof: Proof,
    by: Actor,
    at: datetime,
) -> AppointmentView:
    """Ask the account that signs in as `identifier` to act for a firm that one represents.

    Raises NotSureEnough, NotYours, BadMandate, SignInLocked after several names that nobody has.
    """
    require_sure(proof, by, at=at)
    record = _represented(uscc, by)
    if record.status != _OPEN:
        raise NotYours(_("这家企业的登记状态不是开业，不能授权经办人。"), hint=_("请先到登记机关办理。"))
    agent, day = checked(_agent(identifier, by, at), ends_on)
    if places := _mistakes(agent.party_id, scope, day, by, at):
        raise BadMandate(_("授权信息有误。"), places=places)
    return _asked(record, agent, scope, day, by, at)


@transaction.atomic
def answer_appointment(*, appointment_id: int, accepts: bool, by: Actor, at: datetime) -> MandateView | None:
    """Accept or decline, by the agent; what counts is the mandate. Raises NoSuchAppointment, NotYours."""
    row = _locked(appointment_id, at)
    if by.account_id is None or by.account_id != row.agent_id:
        raise NoSuchAppointment(_("没有这项邀请，或已经答复、收回、过期。"))
    asker = people_queries.account(row.asked_by).party_id
    row.answered_at, row.is_accepted = at, accepts
    granted = _granted(row, asker, at) if accepts else None
    row.mandate_id = granted.id if granted else None
    row.save(update_fields=["answered_at", "is_accepted", "mandate_id"])
    _record("accepted" if accepts else "declined", row, by, at)
    for party_id in (asker, by.party_id):
        _tell("login.agent-accepted" if accepts else "login.agent-declined", row, party_id, by, at)
    return granted


@transaction.atomic
def cancel_appointment(*, appointment_id: int, by: Actor, at: datetime) -> None:
    """Take an invitation back before it is answered, by the firm's representative. Raises NoSuchAppointment, NotYours."""
    row = _locked(appointment_id, at)
    _represented(people_queries.party(row.firm_id).id_number, by)
    row.cancelled_at = at
    row.save(update_fields=["cancelled_at"])
    _record("cancelled", row, by, at)
    for party_id in (people_queries.account(row.agent_id).party_id, by.party_id):
        _tell("login.agent-declined", row, party_id, by, at)


@transaction.atomic
def end_agency(*, mandate_id: int, by: Actor, at: datetime) -> None:
    """End an agent's authority today, by the firm's representative or the agent, however it was given.

    Raises NoSuchMandate, MandateOver, NotYours.
    """
    mandate = people_queries.mandate(mandate_id)
    if mandate.kind is not MandateKind.FIRM_AGENT:
        raise NotYours(_("这不是企业经办授权。"), hint=_("请在“我的账号”中撤销。"))
    firm = people_queries.party(mandate.principal_id)
    if by.account_id != mandate.agent_id:
        _represented(firm.id_number, by)
    people.revoke_mandate(mandate_id=mandate_id, by=SYSTEM, at=at)
    audit.record("login.agency.ended", target=f"party:{firm.id}", by=by, at=at, detail={"mandate": mandate_id})
    facts = {"day": timezone.localdate(at)}
    agent = people_queries.account(mandate.agent_id).party_id
    for party_id in dict.fromkeys((agent, _representative(firm.id_number, mandate_id), by.party_id)):
        _send("login.agent-ended", party_id, facts, f"agency:{mandate_id}:{party_id}", by, at)


def _records(by: Actor) -> list[LegalPersonRecord]:
    if by.party_id is None:
        return []
    return registries.firms_of(people_queries.party(by.party_id).subject_key)


def _represented(uscc: str, by: Actor) -> LegalPersonRecord:
    record = next((each for each in _records(by) if each.uscc == uscc), None)
    if record is None:
        raise NotYours(_("您不是这家企业登记的法定代表人。"), hint=_("刚变更的，请等登记信息更新，或到窗口办理。"))
    return record


def _representative(uscc: str, mandate_id: int) -> int | None:
    """The party of whoever appointed, else of the firm's representative, if they ever acted here."""
    asked = Appointment.objects.filter(mandate_id=mandate_id).first()
    if asked is not None:
        return people_queries.account(asked.asked_by).party_id
    record = registries.find_legal_person(uscc)
    found = registries.find_person(record.representative_key) if record else None
    party = people_queries.find_party(found.id_number) if found else None
    return party.id if party else None


@transaction.atomic
def _asked(
    record: LegalPersonRecord, agent: AccountView, scope: str, day: date, by: Actor, at: datetime
) -> AppointmentView:
    # Locks the firm: of two invitations to one person the second is refused.
    firm = people.ensure_party(
        kind=PartyKind.FIRM, name=record.name, id_type=IdType.USCC, id_number=record.uscc, by=by, at=at
    )
    open_now = list(_waiting(at).filter(firm=firm.id).values_list("agent", flat=True))
    if agent.id in open_now or len(open_now) >= OPEN_MOST:
        place = Place("agent", _("已经邀请过对方，或未答复的邀请太多。"))
        raise BadMandate(_("授权信息有误。"), places=[place])
    row = Appointment.objects.create(
        firm_id=firm.id, agent_id=agent.id, scope=scope, ends_on=day, asked_by=by.account_id or 0, asked_at=at
    )
    _record("asked", row, by, at)
    _tell("login.agent-asked", row, agent.party_id, by, at)
    _tell("login.agent-asked-copy", row, by.party_id, by, at)
    return _view(row)


def _agent(identifier: str, by: Actor, at: datetime) -> AccountView | None:
    key = _lockout.key_of("authorise", by.account_id)
    _lockout.refuse_locked(key, at=at)
    agent = agent_named(identifier)
    if agent is None or agent.party_id is None:
        _lockout.count_failure(key, at=at)
        return None
    return agent


def _mistakes(party_id: int | None, scope: str, day: date, by: Actor, at: datetime) -> list[Place]:
    places = []
    if party_id == by.party_id:
        places.append(Place("agent", _("不能授权给本人。")))
    if scope not in dict(scopes()):
        places.append(Place("scope", _("请写明授权办理的事项。")))
    if day < timezone.localdate(at):
        places.append(Place("ends_on", _("授权截止日期不能早于今天。")))
    return places


def _granted(row: Appointment, asker: int | None, at: datetime) -> MandateView:
    """The mandate, if whoever asked still represents a firm that is still open."""
    firm = people_queries.party(row.firm_id)
    record = registries.find_legal_person(firm.id_number)
    key = people_queries.party(asker).subject_key if asker else ""
    if record is None or record.status != _OPEN or record.representative_key != key:
        raise NotYours(_("邀请您的人已不是这家企业的法定代表人，或企业已停业。"), hint=_("请与企业联系。"))
    return people.grant_mandate(
        kind=MandateKind.FIRM_AGENT,
        principal_id=row.firm_id,
        agent_id=row.agent_id,
        scope=[row.scope],
        starts_on=timezone.localdate(at),
        ends_on=row.ends_on,
        document_no=f"网上授权第{row.pk}号",
        by=SYSTEM,
        at=at,
    )


def _waiting(at: datetime) -> QuerySet[Appointment]:
    """Neither answered nor taken back, nor left lying."""
    rows = Appointment.objects.filter(answered_at__isnull=True, cancelled_at__isnull=True)
    return rows.filter(ends_on__gte=timezone.localdate(at), asked_at__gt=at - OPEN_FOR)


def _locked(appointment_id: int, at: datetime) -> Appointment:
    row = _waiting(at).select_for_update().filter(pk=appointment_id).first()
    if row is None:
        raise NoSuchAppointment(_("没有这项邀请，或已经答复、收回、过期。"))
    return row


def _led(record: LegalPersonRecord, at: datetime) -> LedFirm:
    party = people_queries.find_party(record.uscc)
    given = people_queries.mandates_from(party.id) if party else []
    live = [each for each in given if each.is_live(timezone.localdate(at))]
    open_now = _waiting(at).filter(firm=party.id).select_related("firm").order_by("-pk") if party else []
    invitations = [_view(row) for row in open_now]
    ids = {each.agent_id for each in live} | {each.agent_id for each in invitations}
    names = {key: account.name for key, account in people_queries.accounts(ids).items()}
    return LedFirm(record.uscc, record.name, record.status == _OPEN, tuple(live), tuple(invitations), names)


def _record(what: str, row: Appointment, by: Actor, at: datetime) -> None:
    detail = {"appointment": row.pk, "agent": row.agent_id, "scope": row.scope, "ends_on": row.ends_on.isoformat()}
    audit.record(f"login.appointment.{what}", target=f"party:{row.firm_id}", by=by, at=at, detail=detail)


def _tell(template: str, row: Appointment, party_id: int | None, by: Actor, at: datetime) -> None:
    _send(template, party_id, {"day": row.ends_on}, f"appointment:{row.pk}:{template}:{party_id}", by, at)


def _send(template: str, party_id: int | None, facts: Mapping[str, Any], key: str, by: Actor, at: datetime) -> None:
    if party_id is None:
        return
    # What happens must not depend on words that a place did not write.
    with suppress(NoSuchTemplate):
        # As the house, so that nobody is told twice as somebody's agent.
        notify.send(template=template, to_party_id=party_id, facts=facts, case_number="", by=SYSTEM, at=at, key=key)


def _view(row: Appointment) -> AppointmentView:
    firm = people_queries.party(row.firm_id)
    return AppointmentView(row.pk, firm.name, firm.id_number, row.agent_id, (row.scope,), row.ends_on, row.asked_at)
