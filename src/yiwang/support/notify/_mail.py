"""A message as a letter: plain text and HTML of the template's words, and the way to have no more of them."""

from typing import Any

from django.core import signing
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation

from yiwang.support.notify.contracts import LinkOver
from yiwang.support.notify.kinds import MailPart, MessagePolicy

SALT = "notify.stop"
TOKEN_MAX = 400


def letter(
    wording: dict[str, str], *, to: str, policy: MessagePolicy, mail: MailPart, language: str, site: str, stop: str
) -> dict[str, Any]:
    """What the mail system is given. `wording` has a title and a text; a clerk's own words are read on the site only."""
    stop_url = f"{site}{reverse('messages-stop', args=[stop])}" if site and stop else ""
    facts = {
        "title": wording["title"],
        "text": wording["text"],
        "link": wording.get("link") or (f"{site}{reverse('inbox')}" if site else ""),
        "stop": stop_url,
        "sign": policy.sign,
        "language": "en" if language == "en" else "zh-CN",
    }
    with translation.override("en" if language == "en" else "zh-hans"):
        texts = {kind: render_to_string(f"notify/mail.{kind}", facts).strip() + "\n" for kind in ("txt", "html")}
    return {
        "to": to,
        "subject": wording["title"],
        "text": texts["txt"],
        "html": texts["html"],
        "sender": mail.sender,
        "sign": policy.sign,
        "stop": stop_url,
    }


def stop_token(party_id: int, category: str) -> str:
    """What a letter carries so that its reader can end letters of its category without signing in."""
    return signing.dumps([party_id, category], salt=SALT, compress=False)


def stopped(token: str) -> tuple[int, str]:
    """Whose letters of which category. Raises LinkOver for what we did not sign."""
    try:
        if len(token) > TOKEN_MAX:
            raise signing.BadSignature
        party_id, category = signing.loads(token, salt=SALT)
    except (signing.BadSignature, ValueError):
        raise LinkOver("这个链接不对。", hint="请登录后在“消息设置”里关闭。") from None
    return int(party_id), str(category)
