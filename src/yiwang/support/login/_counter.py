"""Checking somebody at a counter (窗口实名核验): a clerk compares person and document, and their passkeys count for more.

Only the keys that lie in the person's hands at that moment are raised, and keys added later by one of them: a key that
somebody adds by a text message they caught counts no more than before.
"""

from collections.abc import Collection
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from yiwang.kernel.access import queries as access
from yiwang.kernel.audit import actions as audit
from yiwang.kernel.base.contracts import Actor, Place
from yiwang.kernel.ledger import actions as ledger
from yiwang.kernel.people import queries as people
from yiwang.kernel.people.contracts import AccountView, NotYours, PartyView
from yiwang.support.login import kinds
from yiwang.support.login._passkeys import passkeys_of
from yiwang.support.login.contracts import CannotCheck, CounterCheckView, NoSuchCheck, ToCheck
from yiwang.support.login.models import CounterCheck, Passkey

CHECK = "login.check-identity"
PURPOSE = "窗口实名核验"


def to_check(*, at_org: int, name: str, id_number: str, by: Actor, at: datetime) -> ToCheck:
    """The account of the person in front, as the clerk has to see it. Raises NotPermitted, CannotCheck, NotYours."""
    account, _party = _in_front(at_org, name, id_number, by)
    return ToCheck(account.id, tuple(passkeys_of(account.id)), standing_of(account.id, at=at))


@transaction.atomic
def check_at_counter(
    *,
    at_org: int,
    name: str,
    id_number: str,
    document: str,
    passkeys: Collection[int],
    by: Actor,
    at: datetime,
) -> CounterCheckView:
    """Record that person and document were compared, and raise the passkeys that the person said are theirs.

    Raises NotPermitted, NotYours, CannotCheck (with the place) for another name, an unknown document, no key or a key of somebody else.
    """
    account, party = _in_front(at_org, name, id_number, by)
    rule = _rule()
    _known_document(rule, document)
    keys = list(Passkey.objects.select_for_update().filter(account=account.id, pk__in=passkeys).order_by("pk"))
    if not keys or len(keys) != len(set(passkeys)):
        raise CannotCheck(_("没有可以升级的通行密钥。"), places=[Place("passkeys", _("请当事人指认自己的通行密钥。"))])
    until = timezone.localdate(at) + timedelta(days=rule.stands_days)
    said = {"document": document, "until": until.isoformat(), "passkeys": [key.pk for key in keys], "org": at_org}
    leaf = ledger.append(kind="login.counter-check.made", subject=f"account:{account.id}", content=said, by=by, at=at)
    row = CounterCheck.objects.create(
        account_id=account.id,
        document=document,
        org_id=at_org,
        clerk_id=by.account_id or 0,
        leaf_id=leaf.id,
        checked_at=at,
        until=until,
    )
    Passkey.objects.filter(pk__in=[key.pk for key in keys]).update(vouched=row)
    _tell(party, rule, by, at)
    audit.record("login.counter-check.made", target=f"account:{account.id}", by=by, at=at, detail=said)
    return _view(row, rule)


@transaction.atomic
def revoke_counter_check(*, check_id: int, by: Actor, at: datetime) -> None:
    """End a check at once: by the person, or by a clerk of the organisation that made it. Raises NoSuchCheck, NotPermitted."""
    row = CounterCheck.objects.select_for_update().filter(pk=check_id, revoked_at__isnull=True).first()
    if row is None:
        raise NoSuchCheck(_("没有这次核验，或已经撤销。"))
    if by.account_id != row.account_id:
        access.require(by, CHECK, at_org=row.org_id)
    row.revoked_at, row.revoked_by = at, by.account_id
    row.save(update_fields=["revoked_at", "revoked_by"])
    said = {"check": check_id}
    target = f"account:{row.account_id}"
    ledger.append(kind="login.counter-check.revoked", subject=target, content=said, by=by, at=at)
    audit.record("login.counter-check.revoked", target=target, by=by, at=at, detail=said)


def standing_of(account_id: int, *, at: datetime) -> CounterCheckView | None:
    """The newest check of an account that still stands."""
    rows = CounterCheck.objects.filter(account=account_id, revoked_at__isnull=True, until__gte=timezone.localdate(at))
    row, rule = rows.order_by("-pk").first(), kinds.policy()
    return _view(row, rule) if row and rule else None


def _in_front(at_org: int, name: str, id_number: str, by: Actor) -> tuple[AccountView, PartyView]:
    access.require(by, CHECK, at_org=at_org)
    party = people.find_party(id_number.strip())
    account = people.account_of_party(party.id) if party else None
    if party is None or account is None or not account.is_active or not people.same_name(party.name, name):
        # One sentence for all: the desk is no place to find out who has an account.
        place = Place("id_number", _("没有这个姓名和号码的账号，请核对证件，或请当事人先注册。"))
        raise CannotCheck(_("不能核验。"), places=[place])
    if by.account_id == account.id or by.party_id == party.id:
        raise NotYours(_("不能给自己核验。"), hint=_("请由同事办理。"))
    return account, party


def _rule() -> kinds.CounterCheckPolicy:
    rule = kinds.policy()
    if rule is None:
        raise CannotCheck(_("本地没有开通窗口核验。"), hint=_("请先在配置包中写明规则。"))
    return rule


def _known_document(rule: kinds.CounterCheckPolicy, document: str) -> None:
    if all(each.id != document for each in rule.documents):
        raise CannotCheck(_("证件种类有误。"), places=[Place("document", _("请选择核对了哪种证件。"))])


def _tell(party: PartyView, rule: kinds.CounterCheckPolicy, by: Actor, at: datetime) -> None:
    """A line among the uses of the person's data, with its proof."""
    audit.disclose(
        subject_key=party.subject_key,
        elements=["person.name"],
        purpose=PURPOSE,
        authority=rule.authority,
        case_number=None,
        by=by,
        at=at,
    )


def _view(row: CounterCheck, rule: kinds.CounterCheckPolicy) -> CounterCheckView:
    return CounterCheckView(row.pk, rule.title_of(row.document), row.org_id, row.checked_at, row.until)
