"""The mail side: one letter to an SMTP server, the same bytes at every attempt. Knows nothing of records."""

import email.policy
import hashlib
import json
import os
import smtplib
import ssl
from datetime import datetime, timedelta
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from functools import cache
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

from yiwang.support.connectors import _signing, _wire
from yiwang.support.connectors.contracts import CannotReach
from yiwang.support.connectors.kinds import OutsideSystem

PORTS = {"smtp": 25, "smtps": 465}
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
WAIT = timedelta(minutes=1)
BYTES_MAX = 256 * 1024
# Their server wants another word from us, not another letter.
OUR_FAULT = frozenset({530, 534, 535, 538})


class NotSafe(Exception):
    """The server offers no encryption, and it is not on this machine."""


def post(system: OutsideSystem, body: bytes) -> _wire.Outcome:
    """Hands one letter to the server and says what became of it; never raises for what the other side does.

    A connection lost after the letter was sent leaves open whether it was taken: it goes again under the same Message-ID.
    """
    message = json.loads(body)
    try:
        letter = _letter(message)
        content = _stop_lines(str(message["fields"].get("stop", ""))) + letter.as_bytes()
    except (ValueError, KeyError, TypeError):
        return _wire.Refused("mail.malformed", "这封邮件的地址或标题不能发送。")
    if len(content) > BYTES_MAX:
        return _wire.Refused("mail.too-large", "这封邮件太大。")
    try:
        with _connected(system) as server:
            return _handed(server, str(message["fields"]["sender"]), str(message["fields"]["to"]), content)
    except CannotReach as error:
        return _wire.Unreachable(error.code)
    except NotSafe:
        return _wire.Unreachable("mail-not-encrypted")
    except smtplib.SMTPAuthenticationError:
        return _wire.Unreachable("mail-login")
    except smtplib.SMTPResponseException as error:
        return _outcome(error.smtp_code)
    except TimeoutError:
        return _wire.Unreachable("timeout")
    except (smtplib.SMTPException, OSError):
        return _wire.Unreachable("no-answer")


def _handed(server: smtplib.SMTP, sender: str, to: str, content: bytes) -> _wire.Outcome:
    for ask, whom in ((server.mail, sender), (server.rcpt, to)):
        code, _ = ask(whom)
        if code >= 400:
            return _outcome(code)
    code, said = server.data(content)
    if code >= 400:
        return _outcome(code)
    words = said.decode("ascii", "replace").split()
    return _wire.Sent(words[-1][:80] if words else "", is_all=True)


def _outcome(code: int) -> _wire.Outcome:
    if code == 421 or code in OUR_FAULT:
        return _wire.Unreachable(f"smtp-{code}")
    if 400 <= code < 500:
        return _wire.Later(WAIT, grows=True)
    return _wire.Refused(f"mail.{code}", "对方邮件服务器不收这封邮件。")


def _connected(system: OutsideSystem) -> smtplib.SMTP:
    """Signed in, over an encrypted connection; in the clear on this machine only."""
    place = urlsplit(_wire.url_of(system))
    host, port = place.hostname or "", place.port or PORTS[place.scheme]
    waits = system.timeouts.answer
    if place.scheme == "smtps":
        server: smtplib.SMTP = smtplib.SMTP_SSL(host, port, timeout=waits, context=_trusted())
    else:
        server = smtplib.SMTP(host, port, timeout=waits)
    try:
        if place.scheme == "smtp" and host not in LOOPBACK:
            server.ehlo()
            if not server.has_extn("starttls"):
                raise NotSafe
            server.starttls(context=_trusted())
        server.ehlo_or_helo_if_needed()
        if server.has_extn("auth"):
            server.login(_user(system), _signing.secret(system.id))
    except BaseException:
        server.close()
        raise
    return server


def _user(system: OutsideSystem) -> str:
    name = system.url_setting.removesuffix("_URL") + "_USER"
    return str(getattr(settings, name, "") or os.environ.get(name) or "yiwang")


def _letter(message: dict[str, Any]) -> EmailMessage:
    """Raises ValueError for what would break out of a header."""
    said = message["fields"]
    sender, to = str(said["sender"]), str(said["to"])
    for line in (sender, to, str(said["subject"]), str(said.get("sign", ""))):
        _refuse_controls(line)
    user, _, domain = sender.partition("@")
    if not to.isascii() or " " in to or not domain:
        raise ValueError("an address is plain")
    letter = EmailMessage(policy=email.policy.SMTP.clone(max_line_length=78))
    letter["From"] = Address(str(said.get("sign", "")), user, domain)
    letter["To"] = to
    letter["Subject"] = str(said["subject"])
    letter["Date"] = format_datetime(datetime.fromisoformat(message["written_at"]))
    letter["Message-ID"] = f"<{message['reference']}.{message['message_id']}@{domain}>"
    letter["Auto-Submitted"] = "auto-generated"
    letter.set_content(str(said["text"]), cte="base64")
    letter.add_alternative(str(said["html"]), subtype="html", cte="base64")
    letter.set_boundary("=_" + hashlib.sha256(str(message["message_id"]).encode()).hexdigest()[:32])
    return letter


def _stop_lines(url: str) -> bytes:
    """RFC 8058, as they stand: an address that is folded or encoded is none to the programs that read it."""
    _refuse_controls(url)
    if not url:
        return b""
    return f"List-Unsubscribe: <{url}>\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n".encode("ascii")


def _refuse_controls(line: str) -> None:
    if any(ord(sign) < 32 or ord(sign) == 127 for sign in line):
        raise ValueError("a header has no control signs")


@cache
def _trusted() -> ssl.SSLContext:
    return ssl.create_default_context()
