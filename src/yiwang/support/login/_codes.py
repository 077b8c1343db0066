"""Codes sent to phones: six digits, ten minutes, five tries, one a minute, ten a day."""

import hashlib
import hmac
import secrets
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from yiwang.kernel.base.codes import is_mobile
from yiwang.kernel.base.contracts import Actor, Place
from yiwang.kernel.base.fields import sealed_index
from yiwang.support.login._ages import is_younger
from yiwang.support.login.contracts import CannotSend, CodeTooSoon, CodeWrong, Purpose
from yiwang.support.login.models import PhoneCode
from yiwang.support.notify import actions as notify
from yiwang.support.notify.contracts import NoSuchTemplate

GOOD_FOR = timedelta(minutes=10)
APART = timedelta(minutes=1)
TRIES = 5
TEMPLATE = "login.code"
A_DAY = 10


def checked_phone(phone: str) -> str:
    """A mobile number without spaces. Raises CodeWrong."""
    phone = phone.replace(" ", "").strip()
    if not is_mobile(phone):
        raise CodeWrong(_("手机号码不对。"), places=[Place("phone", _("请填写11位手机号码。"))])
    return phone


@transaction.atomic
def new_code(phone: str, purpose: Purpose, *, at: datetime) -> str:
    """A fresh code that takes the place of the one before. Raises CodeTooSoon."""
    index, code = sealed_index(phone), f"{secrets.randbelow(10**6):06d}"
    known = PhoneCode.objects.select_for_update().filter(phone_index=index, purpose=purpose).first()
    if known is not None:
        _not_too_often(known, at)
    row = known or PhoneCode(phone_index=index, purpose=purpose, sent_today=0)
    row.sent_today = row.sent_today + 1 if known and _same_day(known, at) else 1
    row.code_hash, row.sent_at, row.tries_left = _hash(index, code), at, TRIES
    row.save()
    return code


def carry(phone: str, code: str, *, by: Actor, at: datetime) -> str:
    """Send a code by text message; the demo place also answers it, for the page to show. Raises CannotSend."""
    facts = {"code": code, "minutes": GOOD_FOR // timedelta(minutes=1)}
    try:
        is_sent = notify.send_to_number(template=TEMPLATE, phone=phone, facts=facts, by=by, at=at)
    except NoSuchTemplate:
        is_sent = False
    if not is_sent and not settings.YIWANG_DEMO:
        raise CannotSend(_("短信通道暂时不可用。"), hint=_("请稍后再试，或用密码登录。"))
    return code if settings.YIWANG_DEMO else ""


def prove(phone: str, purpose: Purpose, code: str, *, at: datetime) -> None:
    """Check a code; each try counts, a right one too, even though the caller's work is rolled back. Raises CodeWrong."""
    with transaction.atomic():
        is_right = _try(sealed_index(phone), purpose, code.strip(), at)
    if not is_right:
        raise CodeWrong(_("验证码不对或已过期。"), places=[Place("code", _("验证码不对或已过期，请重新获取。"))])


def use_up(phone: str, purpose: Purpose) -> None:
    """A code that did its work opens nothing more."""
    PhoneCode.objects.filter(phone_index=sealed_index(phone), purpose=purpose).update(tries_left=0)


def _try(index: str, purpose: Purpose, code: str, at: datetime) -> bool:
    row = PhoneCode.objects.select_for_update().filter(phone_index=index, purpose=purpose).first()
    if row is None or row.tries_left == 0 or not is_younger(row.sent_at, GOOD_FOR, at=at):
        return False
    row.tries_left -= 1
    row.save(update_fields=["tries_left"])
    return hmac.compare_digest(row.code_hash, _hash(index, code))


def _not_too_often(row: PhoneCode, at: datetime) -> None:
    if is_younger(row.sent_at, APART, at=at):
        raise CodeTooSoon(_("验证码刚刚发过。"), hint=_("请在一分钟后再获取。"))
    if row.sent_today >= A_DAY and _same_day(row, at):
        raise CodeTooSoon(_("今天获取验证码的次数已用完。"), hint=_("请明天再试，或用密码登录。"))


def _same_day(row: PhoneCode, at: datetime) -> bool:
    return timezone.localdate(row.sent_at) == timezone.localdate(at)


def _hash(index: str, code: str) -> str:
    return hashlib.sha256(f"{index}:{code}".encode()).hexdigest()
