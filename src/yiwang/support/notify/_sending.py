"""One message to its readers: worded in both languages, kept once, with a text message where the template says so."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple
from uuid import uuid4

from django.db import transaction

from yiwang.kernel.audit import actions as audit
from yiwang.kernel.base.contracts import Actor
from yiwang.kernel.people import queries as people
from yiwang.support.notify import _sms, _words, queries
from yiwang.support.notify.contracts import MessageView
from yiwang.support.notify.kinds import MessageTemplate
from yiwang.support.notify.models import Message


class _Reader(NamedTuple):
    """Whoever has a telephone is reached as a party, staff and machines as accounts."""

    party_id: int | None
    account_id: int | None


@transaction.atomic
def send(
    *,
    template: str,
    to_party_id: int,
    facts: Mapping[str, Any],
    case_number: str,
    by: Actor,
    at: datetime,
    key: str = "",
    agent_id: int | None = None,
) -> list[MessageView]:
    """Tell a party something, in the site and by text message as the template says; nothing when `key` was sent before.

    The principal is told too when an agent acts, and the agent (account `agent_id`, or `by`) when the principal is told.
    Raises NoSuchTemplate, FactMissing.
    """
    body = queries.template(template)
    wording = _wording(body, facts)
    sent = []
    key = key or str(uuid4())
    for place, reader in enumerate(_readers(to_party_id, agent_id, by)):
        row = _keep(template, wording, key, case_number, at, reader=reader, is_copy=place > 0)
        if row is not None:
            if "sms" in body.channels and reader.party_id:
                _sms.queue(row, body, people.party(reader.party_id).phone, by=by, at=at)
            sent.append(row)
    _write_down(template, case_number, len(sent), by=by, at=at)
    return queries.views(sent)


@transaction.atomic
def send_to_staff(
    *,
    template: str,
    account_ids: list[int],
    facts: Mapping[str, Any],
    case_number: str,
    by: Actor,
    at: datetime,
    key: str = "",
) -> list[MessageView]:
    """Tell members of staff something, in the site only. Raises NoSuchTemplate, FactMissing."""
    wording = _wording(queries.template(template), facts)
    key = key or str(uuid4())
    readers = [_Reader(None, each) for each in dict.fromkeys(account_ids)]
    rows = [_keep(template, wording, key, case_number, at, reader=each) for each in readers]
    sent = [row for row in rows if row is not None]
    _write_down(template, case_number, len(sent), by=by, at=at)
    return queries.views(sent)


def _readers(to_party_id: int, agent_id: int | None, by: Actor) -> list[_Reader]:
    readers = [_Reader(to_party_id, None)]
    if by.principal_id and to_party_id in (by.principal_id, by.party_id):
        agent_id = agent_id or by.account_id
        readers.append(_Reader(by.principal_id, None))
    if agent_id:
        account = people.account(agent_id)
        readers.append(_Reader(account.party_id, None) if account.party_id else _Reader(None, account.id))
    return list(dict.fromkeys(readers))


def _wording(body: MessageTemplate, facts: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    text = body.text
    if body.short and any(facts.get(name) in (None, "") for name in _words.placeholders(text.zh)):
        text = body.short
    detail = body.detail
    if detail and any(facts.get(name) in (None, "") for name in _words.placeholders(detail.zh)):
        detail = None
    return {
        language: {
            "title": body.title.in_language(language),
            "text": _words.fill(text.in_language(language), facts, language),
            "detail": _words.fill(detail.in_language(language), facts, language) if detail else "",
        }
        for language in ("zh", "en")
    }


def _keep(
    template: str,
    wording: dict[str, dict[str, str]],
    key: str,
    case_number: str,
    at: datetime,
    *,
    reader: _Reader,
    is_copy: bool = False,
) -> Message | None:
    """None when this reader has it already: events come again after a crash."""
    full_key = f"{template}:{key}"[:160]
    if Message.objects.filter(party=reader.party_id, account=reader.account_id, key=full_key).exists():
        return None
    return Message.objects.create(
        key=full_key,
        template=template,
        party_id=reader.party_id,
        account_id=reader.account_id,
        case_number=case_number,
        wording=wording,
        is_copy=is_copy,
        created_at=at,
    )


def _write_down(template: str, case_number: str, count: int, *, by: Actor, at: datetime) -> None:
    if count:
        detail = {"template": template, "readers": count}
        audit.record("notify.message.sent", target=f"case:{case_number}", by=by, at=at, detail=detail)
