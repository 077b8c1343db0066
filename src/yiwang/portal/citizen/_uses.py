"""谁用过我的数据: each disclosure as a sentence, with the names it needs from other apps in a few queries."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import get_language, gettext

from yiwang.kernel.audit import queries as audit
from yiwang.kernel.audit.contracts import DisclosureView
from yiwang.kernel.base.contracts import Actor, ActorKind, Denied, NotFound
from yiwang.kernel.base.paging import Page
from yiwang.kernel.elements import queries as elements
from yiwang.kernel.ledger import queries as ledger
from yiwang.kernel.orgs import queries as orgs
from yiwang.kernel.people import queries as people
from yiwang.kernel.people.contracts import AccountView, PartyKind


class NoSuchUse(NotFound):
    code = "citizen.no-such-use"


class NotYourOwn(Denied):
    code = "citizen.not-your-own"


@dataclass(frozen=True, slots=True)
class Use:
    """One use of the reader's data, in words."""

    id: int
    who: str
    what: tuple[str, ...]
    purpose: str
    authority: str
    case_number: str
    at: datetime
    is_own: bool

    @property
    def what_said(self) -> str:
        return (", " if (get_language() or "").startswith("en") else "、").join(self.what)


def uses(by: Actor, *, cursor: str | None) -> Page[Use]:
    """The reader's own, newest first; a constant number of queries. Raises NotYourOwn."""
    party_id, key = _own(by)
    page = audit.disclosures_of(key, cursor)
    say = _Speaker(page.items, party_id)
    return page.map(say.use)


def use(by: Actor, disclosure_id: int) -> tuple[Use, dict[str, Any] | None, dict[str, Any]]:
    """One use, its opened proof (None until numbered), and what the proof must say. Raises NoSuchUse, NotYourOwn."""
    party_id, key = _own(by)
    found = audit.disclosure(disclosure_id, subject_key=key)
    if found is None:
        raise NoSuchUse(gettext("没有这条使用记录。"), hint=gettext("请从列表重新打开。"))
    proof, opening = ledger.proof(found.leaf_id), ledger.content(found.leaf_id)
    shown = {**proof.as_json(), "opening": opening.as_json() if opening else None} if proof else None
    expected = {
        "subject_key": key,
        "elements": list(found.elements),
        "purpose": found.purpose,
        "authority": found.authority,
        "case_number": found.case_number,
    }
    return _Speaker([found], party_id).use(found), shown, expected


def _own(by: Actor) -> tuple[int, str]:
    party = people.party(by.acting_for or 0)
    if by.principal_id and party.kind is PartyKind.PERSON:
        raise NotYourOwn(
            gettext("代他人办理时不能查看其数据使用记录。"), hint=gettext("请切换回本人身份，或由本人登录查看。")
        )
    return party.id, party.subject_key


class _Speaker:
    """Holds the names that a page of disclosures needs."""

    def __init__(self, views: Sequence[DisclosureView], party_id: int) -> None:
        self.party_id = party_id
        self.orgs = orgs.named({view.org_id for view in views if view.org_id})
        people_kinds = (ActorKind.RESIDENT, ActorKind.AGENT)
        ids = {view.account_id for view in views if view.account_id and view.actor_kind in people_kinds}
        self.accounts: Mapping[int, AccountView] = people.accounts(ids) if ids else {}

    def use(self, view: DisclosureView) -> Use:
        return Use(
            id=view.id,
            who=self._who(view),
            what=tuple(_element(name) for name in view.elements),
            purpose=view.purpose,
            authority=view.authority,
            case_number=view.case_number or "",
            at=view.at,
            is_own=self._is_own(view),
        )

    def _is_own(self, view: DisclosureView) -> bool:
        account = self.accounts.get(view.account_id or 0)
        return view.actor_kind is ActorKind.RESIDENT and account is not None and account.party_id == self.party_id

    def _who(self, view: DisclosureView) -> str:
        if self._is_own(view):
            return gettext("您本人")
        org = self.orgs.get(view.org_id or 0)
        if org:
            return f"{org.name}{view.post_title}"
        return {
            ActorKind.RESIDENT: gettext("另一位申请人"),
            ActorKind.AGENT: gettext("您授权的代办人"),
            ActorKind.MACHINE: gettext("对接的业务系统"),
        }.get(view.actor_kind, gettext("系统自动核验"))


def _element(name: str) -> str:
    found = elements.find(name)
    return found.title.in_language(get_language()) if found else name
