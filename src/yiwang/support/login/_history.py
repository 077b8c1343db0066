"""What happened to an account: signing in and out, ways to prove oneself, and wrong attempts under its names."""

from collections.abc import Iterator
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from yiwang.kernel.audit import queries as audit
from yiwang.kernel.base.contracts import Actor
from yiwang.kernel.base.paging import Page
from yiwang.kernel.people import queries as people
from yiwang.support.login import _lockout
from yiwang.support.login.contracts import Happening

_WORDS = {
    "login.signed-in": gettext_noop("登录"),
    "login.signed-out": gettext_noop("退出登录"),
    "login.sittings.ended": gettext_noop("让其他设备退出"),
    "login.proved-again": gettext_noop("再次确认本人"),
    "login.acting-changed": gettext_noop("换了为谁办理"),
    "login.second-factor.set-up": gettext_noop("启用动态口令"),
    "login.second-factor.taken-off": gettext_noop("停用动态口令"),
    "login.recovery-code.used": gettext_noop("用了一个备用码"),
    "login.passkey.added": gettext_noop("添加通行密钥"),
    "login.passkey.renamed": gettext_noop("给通行密钥改名"),
    "login.passkey.removed": gettext_noop("移除通行密钥"),
    "login.passkey.refused": gettext_noop("通行密钥没有通过验证"),
    "login.passkey.locked": gettext_noop("通行密钥连续没有通过，锁定15分钟"),
    "login.counter-check.made": gettext_noop("窗口核验本人"),
    "login.counter-check.revoked": gettext_noop("窗口核验撤销"),
    "login.refused": gettext_noop("密码输错"),
    "login.locked": gettext_noop("连续输错，账号锁定15分钟"),
    "oidc.let-through": gettext_noop("登录另一个系统"),
    "oidc.visit.ended": gettext_noop("在另一个系统的登录结束"),
    "oidc.consent.given": gettext_noop("同意另一个系统读取信息"),
    "oidc.consent.withdrawn": gettext_noop("取消另一个系统的授权"),
    "people.account.password-set": gettext_noop("更改密码"),
}
_WRONG = ("login.refused", "login.locked")
FAILURES_MAX = 20


def history(account_id: int, *, cursor: str | None = None) -> Page[Happening]:
    """Everything about signing in that was written down of an account, the newest first."""
    page = audit.trail(f"account:{account_id}", cursor, size=20)
    return page.map(lambda row: Happening(_WORDS.get(row.event, ""), row.at))


def failures(by: Actor) -> list[Happening]:
    """Wrong attempts under the names by which this account signs in, the newest first; whoever typed them."""
    found: list[tuple[datetime, str]] = []
    for name in _names(by):
        key = _lockout.key_of("name", name)
        rows = audit.trail(f"sign-in:{key[:16]}", size=FAILURES_MAX).items
        found += [(row.at, row.event) for row in rows if row.event in _WRONG]
    newest = sorted(found, reverse=True)[:FAILURES_MAX]
    return [Happening(_WORDS[event], at) for at, event in newest]


def _names(by: Actor) -> Iterator[str]:
    if by.account_id is not None:
        yield people.account(by.account_id).username
    if by.party_id is not None:
        party = people.party(by.party_id)
        yield from filter(None, (party.phone, party.id_number))


def word_of(happening: Happening) -> str:
    """In the reader's language."""
    return _(happening.what) if happening.what else _("账号有变动")
