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
from yiwang.kernel.people.contracts import NoSuchParty
from yiwang.support.notify import _reach, _routing, _words, queries
from yiwang.support.notify._reach import Reach
from yiwang.support.notify.contracts import MessageView
from yiwang.support.notify.kinds import MessageTemplate
from yiwang.support.notify.models import Message


class Reader(NamedTuple):
    """Whoever has a telephone is reached as a party, staff and machines as accounts."""

    party_id: int | None
    account_id: int | None


class Draft(NamedTuple):
    """One message before it is worded, and its readers: the first has it, the others a copy."""

    body: MessageTemplate
    readers: Sequence[Reader]
    facts: Mapping[str, Any]
    case_number: str
    key: str
    at: datetime
    org_id: int | None = None


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
    Raises NoSuchTemplate, FactMissing, NoSuchParty.
    """
    readers = readers_of(to_party_id, agent_id, by)
    return queries.views(
        keep([Draft(queries.template(template), readers, facts, case_number, key or str(uuid4()), at)], by=by)
    )


@rows.action
def keep(drafts: Sequence[Draft], *, by: Actor) -> list[Message]:
    """The rows of messages that were not sent before; to parties they go out on the channels of their templates as well.

    Raises NoSuchParty.
    """
    parties = {reader.party_id for draft in drafts for reader in draft.readers if reader.party_id}
    reaches = _reach.of(parties)
    if parties - reaches.keys():
        raise NoSuchParty("没有这个办事主体。", hint="请核对后再试。")
    made = [_rows(draft, reaches) for draft in drafts]
    sent = rows.insert_new([row for those in made for row in those])
    _routing.go_out(sent, reaches, by=by)
    for draft, those in zip(drafts, made, strict=True):
        _write_down(draft, sum(row.pk is not None for row in those), by=by)
    return sent


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
    org_id: int | None = None,
) -> list[MessageView]:
    """Tell members of staff something, in the site only. Raises NoSuchTemplate, FactMissing."""
    readers = [Reader(None, each) for each in dict.fromkeys(account_ids)]
    draft = Draft(queries.template(template), readers, facts, case_number, key or str(uuid4()), at, org_id)
    return queries.views(keep([draft], by=by))


def readers_of(to_party_id: int, agent_id: int | None, by: Actor) -> list[Reader]:
    readers = [Reader(to_party_id, None)]
    if by.principal_id and to_party_id in (by.principal_id, by.party_id):
        agent_id = agent_id or by.account_id
        readers.append(Reader(by.principal_id, None))
    if agent_id:
        account = people.account(agent_id)
        readers.append(Reader(account.party_id, None) if account.party_id else Reader(None, account.id))
    return list(dict.fromkeys(readers))


def worded(body: MessageTemplate, facts: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """Its words in both languages. Raises FactMissing."""
    text = body.short if body.short and not _words.has_all(body.text.zh, facts) else body.text
    detail = body.detail if body.detail and _words.has_all(body.detail.zh, facts) else None
    return {
        language: {
            "title": body.title.in_language(language),
            "text": _words.fill(text.in_language(language), facts, language),
            "detail": _words.fill(detail.in_language(language), facts, language) if detail else "",
        }
        for language in ("zh", "en")
    }


def _rows(draft: Draft, reaches: Mapping[int, Reach]) -> list[Message]:
    body, wording = draft.body, worded(draft.body, draft.facts)
    kept = queries.kept_channels(body.category)
    return [
        Message(
            key=f"{body.id}:{draft.key}"[:160],
            template=body.id,
            party_id=reader.party_id,
            account_id=reader.account_id,
            case_number=draft.case_number,
            wording=wording,
            # Members of staff who share a post have the message itself, each of them.
            is_copy=place > 0 and draft.readers[0].party_id is not None,
            is_declined=reader.party_id is not None and not reaches[reader.party_id].wants(body.category, "site", kept),
            org_id=draft.org_id,
            created_at=draft.at,
        )
        for place, reader in enumerate(draft.readers)
    ]


def _write_down(draft: Draft, count: int, *, by: Actor) -> None:
    if count:
        detail = {"template": draft.body.id, "readers": count}
        audit.record("notify.message.sent", target=f"case:{draft.case_number}", by=by, at=draft.at, detail=detail)
