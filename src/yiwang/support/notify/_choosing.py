"""What a party chooses: categories by channel, language, hours of rest, and an e-mail address that is confirmed by a link."""

import hashlib
import re
import secrets
from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from yiwang.kernel.audit import actions as audit
from yiwang.kernel.base import throttle
from yiwang.kernel.base.contracts import Actor, Denied, Place
from yiwang.kernel.base.fields import sealed_index
from yiwang.support.connectors import actions as connectors
from yiwang.support.connectors.contracts import NoSuchSystem
from yiwang.support.notify import _clock, _mail, queries
from yiwang.support.notify._reach import mark
from yiwang.support.notify.contracts import Channel, Choices, LinkOver, WrongPreference
from yiwang.support.notify.kinds import MailPart, MessagePolicy
from yiwang.support.notify.models import Preference

LINK_GOOD_FOR = timedelta(hours=24)
LETTERS_A_DAY = 5
EMAIL_MAX = 200
LANGUAGES = ("zh", "en")
ALL_CHANNELS = ("site", *(each.value for each in Channel))
# Letters, digits and marks of ASCII only: nothing that a header could be ended with, and no look-alikes.
PLAIN_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9.-]+")


@transaction.atomic
def choose(*, choices: Choices, by: Actor, at: datetime) -> None:
    """Set what one wants for oneself. Raises WrongPreference listing each place, Denied for whoever is no party."""
    party_id = _party(by)
    policy = queries.policy()
    _check(choices, policy)
    row = _locked(party_id, at)
    row.off = sorted(mark(*pair) for pair in choices.off)
    row.language, row.quiet_from, row.quiet_until = choices.language, choices.quiet_from, choices.quiet_until
    row.changed_at = at
    row.save()
    audit.record("notify.preferences.chosen", target=f"party:{party_id}", by=by, at=at, detail={"off": row.off})


@transaction.atomic
def give_email(*, email: str, site: str, by: Actor, at: datetime) -> None:
    """Take an address and send it the one link that confirms it; until then nothing else goes there.

    Raises WrongPreference, TooOften, Denied.
    """
    party_id, address = _party(by), _checked(email)
    policy = queries.policy()
    if policy is None or policy.mail is None:
        raise WrongPreference(_("这里还没有开通邮件。"), hint=_("请使用短信或站内消息。"))
    for visitor in (f"party:{party_id}", address):
        throttle.count("notify.email", visitor, at=at, most=LETTERS_A_DAY, window=timedelta(days=1))
    row, token = _locked(party_id, at), secrets.token_urlsafe(32)
    row.email, row.email_index, row.confirmed_at = address, sealed_index(address), None
    row.token_hash, row.asked_at, row.site, row.changed_at = _hash(token), at, site[:200], at
    row.save()
    _write(row, token, policy, policy.mail, by=by, at=at)
    audit.record("notify.email.given", target=f"party:{party_id}", by=by, at=at)


@transaction.atomic
def confirm_email(*, token: str, by: Actor, at: datetime) -> None:
    """Whoever has the link reads the letters of its address. Once, within a day. Raises LinkOver."""
    row = Preference.objects.select_for_update().filter(token_hash=_hash(token)).first() if token else None
    if row is None or row.asked_at is None or not row.asked_at <= at <= row.asked_at + LINK_GOOD_FOR:
        raise LinkOver(_("这个链接已经用过，或者过期了。"), hint=_("请在“消息设置”里重新发送。"))
    row.token_hash, row.confirmed_at, row.changed_at = "", at, at
    row.save(update_fields=["token_hash", "confirmed_at", "changed_at"])
    audit.record("notify.email.confirmed", target=f"party:{row.pk}", by=by, at=at)


@transaction.atomic
def drop_email(*, by: Actor, at: datetime) -> None:
    """Forget the address. Raises Denied."""
    row = _locked(_party(by), at)
    row.email, row.email_index, row.confirmed_at, row.token_hash, row.changed_at = None, "", None, "", at
    row.save()
    audit.record("notify.email.dropped", target=f"party:{row.pk}", by=by, at=at)


@transaction.atomic
def stop_letters(*, token: str, by: Actor, at: datetime) -> None:
    """No more letters of a category, by the link in one of them (RFC 8058). Raises LinkOver."""
    party_id, category = _mail.stopped(token)
    row = Preference.objects.select_for_update().filter(pk=party_id).first()
    if row is None:
        raise LinkOver(_("这个链接不对。"), hint=_("请登录后在“消息设置”里关闭。"))
    row.off = sorted({*row.off, mark(category, Channel.EMAIL)})
    row.changed_at = at
    row.save(update_fields=["off", "changed_at"])
    audit.record("notify.email.stopped", target=f"party:{party_id}", by=by, at=at, detail={"category": category})


def _party(by: Actor) -> int:
    """Whose choices these are. An agent's mandate opens cases, not the principal's inbox and what comes into it."""
    if by.party_id is None:
        raise Denied(_("工作人员没有消息设置。"), hint=_("请用个人或企业账号登录。"))
    return by.party_id


def _locked(party_id: int, at: datetime) -> Preference:
    Preference.objects.bulk_create([Preference(party_id=party_id, changed_at=at)], ignore_conflicts=True)
    return Preference.objects.select_for_update().get(pk=party_id)


def _check(choices: Choices, policy: MessagePolicy | None) -> None:
    known = {body.id: body.keeps for body in queries.categories()}
    places = [
        Place(f"{category}:{channel}", _("没有这一类消息或渠道。"))
        for category, channel in sorted(choices.off)
        if category not in known or channel not in ALL_CHANNELS
    ]
    places += [
        Place(f"{category}:{channel}", _("依法应当告知的消息不能关闭。"))
        for category, channel in sorted(choices.off)
        if channel in known.get(category, ())
    ]
    if choices.language not in LANGUAGES:
        places.append(Place("language", _("请选择中文或英文。")))
    if (choices.quiet_from is None) != (choices.quiet_until is None):
        places.append(Place("quiet_from", _("开始和结束要一起填写。")))
    elif choices.quiet_from and choices.quiet_until:
        most = policy.own_quiet_hours_max if policy else 24
        if not timedelta() < _clock.length(choices.quiet_from, choices.quiet_until) <= timedelta(hours=most):
            places.append(Place("quiet_until", _("免打扰最长%(hours)s小时。") % {"hours": most}))
    if places:
        raise WrongPreference(_("有的选择不对。"), places=places, hint=_("请按提示修改。"))


def _checked(email: str) -> str:
    address = email.strip()
    wrong = [Place("email", _("请填写像 name@example.com 这样的地址。"))]
    try:
        validate_email(address)
    except ValidationError:
        raise WrongPreference(_("邮箱地址不对。"), places=wrong) from None
    if len(address) > EMAIL_MAX or not PLAIN_ADDRESS.fullmatch(address):
        raise WrongPreference(_("邮箱地址不对。"), places=wrong)
    return address


def _write(row: Preference, token: str, policy: MessagePolicy, mail: MailPart, *, by: Actor, at: datetime) -> None:
    wording = {
        "title": _("请确认您的邮箱"),
        "text": _(
            "有人在%(sign)s填写了这个邮箱，用来接收办事消息。是您本人的，请在24小时内打开链接确认；不是您填写的，请不要理会，也不会再收到邮件。"
        )
        % {"sign": policy.sign},
        "link": f"{row.site}{reverse('messages-email', args=[token])}",
    }
    letter = _mail.letter(
        wording, to=str(row.email), policy=policy, mail=mail, language=row.language, site=row.site, stop=""
    )
    try:
        connectors.push(
            system=mail.system, reference=f"confirm-{row.token_hash[:32]}", subject="mail", data=letter,
            consumer="notify", about="", by=by, at=at,
        )  # fmt: skip
    except NoSuchSystem:
        raise WrongPreference(_("这里还没有开通邮件。"), hint=_("请使用短信或站内消息。")) from None


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
