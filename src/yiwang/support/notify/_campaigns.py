"""群发: staff compose a pack's template to an audience, another person approves, the worker sends it part by part, each recipient once."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection, transaction

from yiwang.kernel.access import queries as access
from yiwang.kernel.audit import actions as audit
from yiwang.kernel.base import rows
from yiwang.kernel.base.contracts import Actor, Place
from yiwang.kernel.base.events import publish
from yiwang.kernel.ledger import actions as ledger
from yiwang.kernel.orgs import queries as orgs
from yiwang.kernel.packs import queries as packs
from yiwang.support.notify import _audience, _bulk, _campaign_rows, _sending, _words, queries
from yiwang.support.notify._campaign_contracts import (
    BadCampaign,
    CampaignState,
    CampaignView,
    CannotSteer,
    NoSuchCampaign,
    SamePerson,
)
from yiwang.support.notify.kinds import AUDIENCE, TEMPLATE, Audience, MessageTemplate
from yiwang.support.notify.models import Campaign, Recipient

PIECE = 1000
VALUE_MAX = _words.VALUE_LENGTH_MAX
FROM_UNIT = frozenset({"unit", "phone", "day"})
# From where to where, by whoever may approve or compose.
STEPS = {
    CampaignState.PAUSED: frozenset({CampaignState.RUNNING}),
    CampaignState.RUNNING: frozenset({CampaignState.PAUSED}),
    CampaignState.STOPPED: frozenset({CampaignState.RUNNING, CampaignState.PAUSED, CampaignState.COMPOSED}),
}


@transaction.atomic
def compose_campaign(
    *,
    template: str,
    facts: Mapping[str, str],
    org_id: int,
    by: Actor,
    at: datetime,
    audience: str = "",
    filename: str = "",
    content: bytes = b"",
) -> CampaignView:
    """Lay a campaign out for approval: to the lines of a file, or to a declared audience in the region of the unit. Nothing is sent.

    Raises BadCampaign (template, facts, audience, nobody in it), CannotRead, NotPermitted.
    """
    access.require(by, "notify.compose", at_org=org_id)
    pack = packs.find(TEMPLATE, template)
    body = pack.as_type(MessageTemplate) if pack else None
    if body is None or pack is None or not body.is_campaign:
        raise BadCampaign("这个模板不能用来群发。", hint="请选择群发用的模板。")
    said = _said(body, facts)
    unit = orgs.get(org_id)
    lines = _audience.of_file(content) if not audience else _audience.of_register(_declared(audience), _stem(unit), at)
    row = Campaign.objects.create(
        org_id=org_id,
        template=template,
        template_hash=pack.hash,
        facts=said,
        audience=audience,
        filename=filename[:200],
        audience_sha256=_audience.digest(lines),
        state=CampaignState.COMPOSED.value,
        total=len(lines),
        wrong=sum(bool(line.problem) for line in lines),
        made_by=by.account_id,
        made_at=at,
    )
    if row.total == row.wrong:
        raise BadCampaign("这里面没有可以送达的人。", hint="请核对名单，或换一个受众。")
    keys = rows.keys(Recipient, len(lines))
    rows.copy_in(
        [
            Recipient(pk=key, campaign=row, line=line.line, party_id=line.party_id, problem=line.problem)
            for key, line in zip(keys, lines, strict=True)
        ]
    )
    detail = {"template": template, "lines": row.total, "wrong": row.wrong, "audience": audience or "file"}
    audit.record("notify.campaign.composed", target=f"campaign:{row.pk}", by=by, at=at, detail=detail)
    return _campaign_rows.view(row)


@transaction.atomic
def decide_campaign(*, campaign_id: int, is_approved: bool, by: Actor, at: datetime) -> CampaignView:
    """Another person lets it go out, or not. What was approved is in the ledger: to whom (a digest), in which words, by whom.

    Raises NoSuchCampaign, NotPermitted, SamePerson, CannotSteer.
    """
    row = _locked(campaign_id)
    access.require(by, "notify.approve", at_org=row.org_id)
    if by.account_id == row.made_by:
        raise SamePerson("不能审批自己拟的群发。", hint="请由另一位同事审批。")
    if row.state != CampaignState.COMPOSED:
        raise CannotSteer("这次群发已经审批过了。", hint="请刷新后再看。")
    row.state = (CampaignState.RUNNING if is_approved else CampaignState.REFUSED).value
    row.decided_by, row.decided_at = by.account_id, at
    row.save(update_fields=["state", "decided_by", "decided_at"])
    content = {
        "template": row.template,
        "template_hash": row.template_hash,
        "facts": row.facts,
        "audience": row.audience or "file",
        "audience_sha256": row.audience_sha256,
        "recipients": row.total - row.wrong,
        "composed_by": row.made_by,
        "is_approved": is_approved,
    }
    ledger.append(kind="notify.campaign.decided", subject=f"campaign:{row.pk}", content=content, by=by, at=at)
    detail = {"is_approved": is_approved}
    audit.record("notify.campaign.decided", target=f"campaign:{row.pk}", by=by, at=at, detail=detail)
    _wake(row, at)
    return _campaign_rows.view(row)


@transaction.atomic
def steer_campaign(*, campaign_id: int, to: CampaignState, by: Actor, at: datetime) -> CampaignView:
    """Pause it, let it go on, or stop it for good. Raises NoSuchCampaign, NotPermitted, CannotSteer."""
    row = _locked(campaign_id)
    may_compose = access.may(by, "notify.compose", row.org_id)
    # Whoever approves may also go on and stop; whoever composes may stop what runs.
    if not may_compose or (to is CampaignState.RUNNING and by.account_id == row.made_by):
        access.require(by, "notify.approve", at_org=row.org_id)
    if row.state not in STEPS.get(to, frozenset()):
        raise CannotSteer("现在不能这样做。", hint="请刷新后再看。")
    row.state = to.value
    row.ended_at = at if to is CampaignState.STOPPED else None
    row.save(update_fields=["state", "ended_at"])
    audit.record("notify.campaign.steered", target=f"campaign:{row.pk}", by=by, at=at, detail={"to": to.value})
    _wake(row, at)
    return _campaign_rows.view(row)


@transaction.atomic
def send_part(*, campaign_id: int, by: Actor, at: datetime) -> CampaignView:
    """Send to the next thousand at most, or end it when there are none; whoever was killed goes on where it stood.

    Before its time (`next_at`, as the place's pace has it) nothing is sent. Raises NoSuchCampaign.
    """
    row = _locked(campaign_id)
    if row.state != CampaignState.RUNNING or (row.next_at is not None and at < row.next_at):
        return _campaign_rows.view(row)
    body, policy = queries.template(row.template), queries.policy()
    pace = policy.campaign_per_second if policy else 0
    waiting = Recipient.objects.filter(campaign=row, message_id=None, problem="").order_by("line")
    lines = list(waiting.values_list("line", "party_id")[: min(PIECE, pace * 60) if pace else PIECE])
    if not lines:
        return _ended(row, by=by, at=at)
    wording = _sending.worded(body, _facts(row, at))
    made = _bulk.send(body, wording, {int(party): line for line, party in lines}, row, by=by, at=at)
    _link(row, made)
    row.sent += len(made)
    row.next_at = at + timedelta(seconds=len(made) / pace) if pace else None
    row.save(update_fields=["sent", "next_at"])
    detail = {"from": lines[0][0], "to": lines[-1][0], "sent": len(made)}
    audit.record("notify.campaign.sent", target=f"campaign:{row.pk}", by=by, at=at, detail=detail)
    return _campaign_rows.view(row)


def words_asked(body: MessageTemplate) -> dict[str, str]:
    """What staff fill in for a template, and what each stands for; the unit's own name and telephone are known."""
    asked = {name for text in (body.text.zh, body.text.en) for name in _words.placeholders(text)} - FROM_UNIT
    return {name: what for name, what in _words.PLACEHOLDERS.items() if name in asked}


def _said(body: MessageTemplate, facts: Mapping[str, str]) -> dict[str, str]:
    """What was filled in: short, of one line, and no number that could be a person's."""
    asked = words_asked(body)
    said = {name: str(facts.get(name, "")).strip() for name in asked}
    places = [Place(name, "请填写。") for name, value in said.items() if not value]
    for name, value in said.items():
        if len(value) > VALUE_MAX or not value.isprintable():
            places.append(Place(name, f"最多{VALUE_MAX}字，不能换行。"))
        elif _words.PERSONAL.search(value):
            places.append(Place(name, "群发里不能有证件号码和手机号码。"))
        elif name == "due" and not _is_day(value):
            places.append(Place(name, "请写成2026-11-23这样。"))
    if places:
        raise BadCampaign("有的内容不对。", places=places, hint="请按提示修改。")
    return said


def _facts(row: Campaign, at: datetime) -> dict[str, Any]:
    unit = orgs.get(row.org_id)
    said = {name: date.fromisoformat(value) if name == "due" else value for name, value in row.facts.items()}
    known = {"unit": unit.short_name or unit.name, "phone": unit.phone, "day": row.decided_at or at}
    return {**said, **known}


def preview(body: MessageTemplate, row: Campaign) -> dict[str, str]:
    """The words as they will read."""
    facts = _facts(row, row.decided_at or row.made_at)
    return {language: _words.fill(body.text.in_language(language), facts, language) for language in ("zh", "en")}


def _ended(row: Campaign, *, by: Actor, at: datetime) -> CampaignView:
    row.state, row.ended_at, row.next_at = CampaignState.DONE.value, at, None
    row.save(update_fields=["state", "ended_at", "next_at"])
    audit.record("notify.campaign.ended", target=f"campaign:{row.pk}", by=by, at=at, detail={"sent": row.sent})
    return _campaign_rows.view(row)


def _link(row: Campaign, made: Mapping[int, int]) -> None:
    """The line and its message are one commit: a line without a message was sent to nobody."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE notify_recipient AS r SET message_id = m.message"
            " FROM unnest(%s::bigint[], %s::bigint[]) AS m (line, message) WHERE r.campaign_id = %s AND r.line = m.line",
            [list(made), list(made.values()), row.pk],
        )


def _wake(row: Campaign, at: datetime) -> None:
    if row.state == CampaignState.RUNNING:
        publish("notify.campaign.running", {"campaign_id": row.pk}, at=at)


def _declared(audience: str) -> Audience:
    pack = packs.find(AUDIENCE, audience)
    if pack is None:
        raise BadCampaign("没有这个受众。", hint="请选择配置包里声明的受众。")
    return pack.as_type(Audience)


def _stem(unit: Any) -> str:
    return orgs.stem(unit.region_code)


def _is_day(value: str) -> bool:
    try:
        return bool(date.fromisoformat(value))
    except ValueError:
        return False


def _locked(campaign_id: int) -> Campaign:
    row = Campaign.objects.select_for_update().filter(pk=campaign_id).first()
    if row is None:
        raise NoSuchCampaign("没有这次群发。", hint="请刷新后再看。")
    return row
