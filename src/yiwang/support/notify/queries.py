"""Inboxes, and the templates in force."""

from collections.abc import Iterable, Sequence

from django.conf import settings
from django.db.models import Q, QuerySet, Value

from yiwang.kernel.base.contracts import Actor
from yiwang.kernel.base.paging import Page, keyset
from yiwang.kernel.packs import queries as packs
from yiwang.support.notify.contracts import Channel, MessageView, NoSuchTemplate, SmsState, State, Way, Wording
from yiwang.support.notify.kinds import CATEGORY, POLICY, TEMPLATE, MessageCategory, MessagePolicy, MessageTemplate
from yiwang.support.notify.models import Delivery, Message, Sms

UNREAD_SHOWN_MAX = 99


def inbox(party_id: int, cursor: str | None = None, *, size: int = 20) -> Page[MessageView]:
    """A party's messages, newest first."""
    return _page(Message.objects.filter(party=party_id, is_declined=False), cursor, size)


def inbox_of(by: Actor, cursor: str | None = None, *, size: int = 20) -> Page[MessageView]:
    """The messages of whoever is signed in. A mandate opens a case, never the principal's inbox: agents get copies."""
    return _page(mine(by), cursor, size)


def unread(party_id: int) -> int:
    """How many messages of a party are unread, counted up to 99."""
    return _count(Message.objects.filter(party=party_id, is_declined=False))


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


def find_template(template_id: str) -> MessageTemplate | None:
    """A template in force; None for one that the packs no longer have."""
    found = packs.find(TEMPLATE, template_id)
    return found.as_type(MessageTemplate) if found else None


def categories() -> list[MessageCategory]:
    """What people choose by, in the order of the packs."""
    return [pack.as_type(MessageCategory) for pack in packs.all_of(CATEGORY)]


def kept_channels(category: str) -> tuple[str, ...]:
    """Channels that nobody can switch off for a category; all but the site may be for one that the packs do not have."""
    found = packs.find(CATEGORY, category)
    return found.as_type(MessageCategory).keeps if found else ("site",)


def site(otherwise: str = "") -> str:
    """Where links in letters lead: as settings have it, else where the reader confirmed the address."""
    return str(settings.YIWANG_PUBLIC_URL).rstrip("/") or otherwise


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
    return Message.objects.filter(own | Q(party=by.party_id) if by.party_id else own, is_declined=False)


def views(rows: Iterable[Message]) -> list[MessageView]:
    rows = list(rows)
    numbers = [row.pk for row in rows]
    names = ("message", "channel", "state", "changed_at")
    before = Sms.objects.filter(message__in=numbers).annotate(channel=Value(Channel.SMS.value)).values_list(*names)
    now = Delivery.objects.filter(message__in=numbers).values_list(*names)
    ways: dict[int, list[Way]] = {}
    for number, channel, state, changed_at in now.union(before, all=True).order_by("changed_at"):
        ways.setdefault(number, []).append(Way(Channel(channel), State(state), changed_at))
    return [_view(row, ways.get(row.pk, ())) for row in rows]


def _page(rows: QuerySet[Message], cursor: str | None, size: int) -> Page[MessageView]:
    page = keyset(rows, order=("-id",), cursor=cursor, size=size)
    return Page(views(page.items), page.next_cursor, page.previous_cursor)


def _count(rows: QuerySet[Message]) -> int:
    return rows.filter(read_at__isnull=True)[:UNREAD_SHOWN_MAX].count()


def _view(row: Message, ways: Sequence[Way]) -> MessageView:
    sms = next((each.state.value for each in ways if each.channel is Channel.SMS), SmsState.NONE.value)
    return MessageView(
        id=row.pk,
        template=row.template,
        zh=Wording(**row.wording["zh"]),
        en=Wording(**row.wording["en"]),
        case_number=row.case_number,
        created_at=row.created_at,
        read_at=row.read_at,
        sms=SmsState(sms),
        is_copy=row.is_copy,
        ways=tuple(ways),
    )
