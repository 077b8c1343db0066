"""One message to its readers: worded in both languages, kept once, and sent out on the channels of its template."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import uuid4

from django.db import transaction

from yiwang.kernel.audit import actions as audit
from yiwang.kernel.base import rows
from yiwang.kernel.base.contracts import Actor
from yiwang.kernel.people import queries as people
from yiwang.support.notify import _reach, _routing, _words, queries
from yiwang.support.notify.contracts import MessageView
from yiwang.support.notify.kinds import MessageTemplate
from yiwang.support.notify.models import Message


class Reader(NamedTuple):
    """Whoever has a telephone is reached as a party, staff and machines as accounts."""

    party_id: int | None
    account_id: int | None


class Draft(NamedTuple):
    """What is the same for all readers of a message."""

    template: str
    wording: dict[str, dict[str, str]]
    key: str
    case_number: str
    org_id: int | None


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
    readers = readers_of(to_party_id, agent_id, by)
    return queries.views(keep(template, readers, facts, case_number, key or str(uuid4()), by=by, at=at))


@transaction.atomic
@rows.together()
def keep(
    template: str,
    readers: Sequence[Reader],
    facts: Mapping[str, Any],
    case_number: str,
    key: str,
    *,
    by: Actor,
    at: datetime,
    org_id: int | None = None,
) -> list[Message]:
    """The rows of one message to its readers; to parties it goes out on the channels of its template as well."""
    body = queries.template(template)
    wording = _wording(body, facts)
    sent = []
    for place, reader in enumerate(readers):
        reach = _reach.of_one(reader.party_id) if reader.party_id else None
        is_declined = reach is not None and not reach.wants(body.category, "site", queries.kept_channels(body.category))
        draft = Draft(template, wording, key, case_number, org_id)
        row = _keep(draft, at, reader=reader, is_copy=place > 0, is_declined=is_declined)
        if row is not None:
            if reach is not None:
                _routing.go_out(row, body, reach, by=by, at=at)
            sent.append(row)
    _write_down(template, case_number, len(sent), by=by, at=at)
    return sent


@transaction.atomic
@rows.together()
def send_to_staff(
    *,
    template: str,
    account_ids: list[int],
    facts: Mapping[str, Any],
    case_number: str,
    by: Actor,
    at: datetime,
    key: str = "",
    org_id: int | None = None,
) -> list[MessageView]:
    """Tell members of staff something, in the site only. Raises NoSuchTemplate, FactMissing."""
    wording = _wording(queries.template(template), facts)
    key = key or str(uuid4())
    readers = [Reader(None, each) for each in dict.fromkeys(account_ids)]
    draft = Draft(template, wording, key, case_number, org_id)
    kept = [_keep(draft, at, reader=each) for each in readers]
    sent = [row for row in kept if row is not None]
    _write_down(template, case_number, len(sent), by=by, at=at)
    return queries.views(sent)


def readers_of(to_party_id: int, agent_id: int | None, by: Actor) -> list[Reader]:
    readers = [Reader(to_party_id, None)]
    if by.principal_id and to_party_id in (by.principal_id, by.party_id):
        agent_id = agent_id or by.account_id
        readers.append(Reader(by.principal_id, None))
    if agent_id:
        account = people.account(agent_id)
        readers.append(Reader(account.party_id, None) if account.party_id else Reader(None, account.id))
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
    draft: Draft, at: datetime, *, reader: Reader, is_copy: bool = False, is_declined: bool = False
) -> Message | None:
    """None when this reader has it already: events come again after a crash."""
    row = Message(
        key=f"{draft.template}:{draft.key}"[:160],
        template=draft.template,
        party_id=reader.party_id,
        account_id=reader.account_id,
        case_number=draft.case_number,
        wording=draft.wording,
        is_copy=is_copy,
        is_declined=is_declined,
        org_id=draft.org_id,
        created_at=at,
    )
    return row if rows.insert_new(row) else None


def _write_down(template: str, case_number: str, count: int, *, by: Actor, at: datetime) -> None:
    if count:
        detail = {"template": template, "readers": count}
        audit.record("notify.message.sent", target=f"case:{case_number}", by=by, at=at, detail=detail)
