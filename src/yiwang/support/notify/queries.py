"""Inboxes, and the templates in force."""

from collections.abc import Iterable

from django.db.models import Q, QuerySet

from yiwang.kernel.base.contracts import Actor
from yiwang.kernel.base.paging import Page, keyset
from yiwang.kernel.packs import queries as packs
from yiwang.support.notify.contracts import MessageView, NoSuchTemplate, SmsState, Wording
from yiwang.support.notify.kinds import POLICY, TEMPLATE, MessagePolicy, MessageTemplate
from yiwang.support.notify.models import Message, Sms

UNREAD_SHOWN_MAX = 99


def inbox(party_id: int, cursor: str | None = None, *, size: int = 20) -> Page[MessageView]:
    """A party's messages, newest first."""
    return _page(Message.objects.filter(party=party_id), cursor, size)


def inbox_of(by: Actor, cursor: str | None = None, *, size: int = 20) -> Page[MessageView]:
    """The messages of whoever is signed in. A mandate opens a case, never the principal's inbox: agents get copies."""
    return _page(mine(by), cursor, size)


def unread(party_id: int) -> int:
    """How many messages of a party are unread, counted up to 99."""
    return _count(Message.objects.filter(party=party_id))


def unread_of(by: Actor) -> int:
    """How many messages whoever is signed in has not read, counted up to 99."""
    return _count(mine(by)) if by.is_signed_in else 0


def about(case_number: str) -> list[MessageView]:
    """What people were told about a case, oldest first."""
    return views(Message.objects.filter(case_number=case_number).order_by("id"))


def template(template_id: str) -> MessageTemplate:
    """A template in force. Raises NoSuchTemplate."""
    found = packs.find(TEMPLATE, template_id)
    if found is None:
        raise NoSuchTemplate(f"没有消息模板“{template_id}”。", hint="请在配置包的 messages/ 中定义它。")
    return found.as_type(MessageTemplate)


def templates_on(occasion: str) -> list[MessageTemplate]:
    """The templates that an occasion of a case sends."""
    bodies = [pack.as_type(MessageTemplate) for pack in packs.all_of(TEMPLATE)]
    return [body for body in bodies if body.on == occasion]


def policy() -> MessagePolicy | None:
    """How this place sends text messages; None when it does not."""
    found = packs.all_of(POLICY)
    return found[0].as_type(MessagePolicy) if found else None


def mine(by: Actor) -> QuerySet[Message]:
    """Rows that `by` may read."""
    own = Q(account=by.account_id)
    return Message.objects.filter(own | Q(party=by.party_id) if by.party_id else own)


def views(rows: Iterable[Message]) -> list[MessageView]:
    rows = list(rows)
    states = dict(Sms.objects.filter(message__in=[row.pk for row in rows]).values_list("message", "state"))
    return [_view(row, SmsState(states.get(row.pk, SmsState.NONE))) for row in rows]


def _page(rows: QuerySet[Message], cursor: str | None, size: int) -> Page[MessageView]:
    page = keyset(rows, order=("-id",), cursor=cursor, size=size)
    return Page(views(page.items), page.next_cursor, page.previous_cursor)


def _count(rows: QuerySet[Message]) -> int:
    return rows.filter(read_at__isnull=True)[:UNREAD_SHOWN_MAX].count()


def _view(row: Message, sms: SmsState) -> MessageView:
    return MessageView(
        id=row.pk,
        template=row.template,
        zh=Wording(**row.wording["zh"]),
        en=Wording(**row.wording["en"]),
        case_number=row.case_number,
        created_at=row.created_at,
        read_at=row.read_at,
        sms=sms,
        is_copy=row.is_copy,
    )
