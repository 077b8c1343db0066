"""Reading parties, accounts, posts and mandates; one query per answer."""

from collections.abc import Collection, Hashable, Iterable, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from django.contrib.auth.hashers import check_password, make_password
from django.db.models import Q
from django.utils.translation import gettext as _

from yiwang.kernel.base import rows
from yiwang.kernel.base.contracts import Actor
from yiwang.kernel.base.fields import sealed_index
from yiwang.kernel.people import _parties, _seats
from yiwang.kernel.people._live import acting_holdings, legal_day, live_mandates
from yiwang.kernel.people._parties import same_name as same_name
from yiwang.kernel.people._views import (
    absence_view,
    account_view,
    holding_view,
    mandate_view,
    party_view,
    post_view,
)
from yiwang.kernel.people.contracts import (
    AbsenceView,
    AccountView,
    HoldingView,
    MandateView,
    NoSuchAccount,
    NoSuchMandate,
    NoSuchParty,
    NoSuchPost,
    OutOfScope,
    PartyView,
    PostView,
    Seat,
)
from yiwang.kernel.people.models import Absence, Account, Mandate, Party, Post, PostHolding

# A family may share a phone; this bounds the work of one sign-in.
_SAME_NAME_MAX = 4


def actor_of(account_id: int, mandate_id: int | None = None, *, at: datetime | None = None) -> Actor:
    """The actor of an active account with the posts it may act from today, in one query.

    With `mandate_id` it acts for the mandate's principal. Raises NoSuchAccount, MandateOver.
    """
    return seat_of(account_id, mandate_id, at=at).actor


def seat_of(account_id: int, mandate_id: int | None = None, *, at: datetime | None = None) -> Seat:
    """`actor_of` and the mark a session must carry. Raises NoSuchAccount, MandateOver."""
    found = _seats.seat(account_id, mandate_id, legal_day(at))
    if found is None:
        raise NoSuchAccount(_("账号不存在或已停用。"), hint=_("请联系管理员。"))
    return found


def seat_beside(account: str) -> str:
    """The question of `seat_of` for whoever asks something else of the same account: a subquery of its seat, to be read by `seat_from`.

    `account` is the expression of the statement around it that names the account; `%(day)s` in it is the day.
    """
    return _seats.beside(account)


def seat_from(answer: Sequence[Any]) -> Seat | None:
    """The seat in the columns of `seat_beside`; None where there was none."""
    return _seats.read(answer) if answer[0] is not None else None


def party(party_id: int) -> PartyView:
    """One party with plain values. Raises NoSuchParty."""
    return rows.recall(*_asking(party_id), _party)


def foresee(party_id: int) -> None:
    """An action that will ask for this party gets it with its next question."""
    rows.foresee(*_asking(party_id))


def _asking(party_id: int) -> tuple[Hashable, rows.Statement]:
    return ("people.party", party_id), (f"SELECT {_columns()} FROM people_party WHERE id = %s", [party_id])


@cache
def _columns() -> str:
    return rows.columns(Party)


def _party(answer: list[tuple[Any, ...]]) -> PartyView:
    found = rows.read(Party, answer)
    if not found:
        raise NoSuchParty(_("没有这个办事主体。"), hint=_("请核对后再试。"))
    return party_view(found[0])


def parties(ids: Iterable[int]) -> dict[int, PartyView]:
    return {row.pk: party_view(row) for row in Party.objects.filter(pk__in=set(ids))}


def party_ids(subject_keys: Iterable[str]) -> dict[str, int]:
    """The parties of subject keys, in one query; absent for whoever never acted here."""
    found = Party.objects.filter(id_index__in=list(subject_keys)).order_by("-pk")
    return dict(found.values_list("id_index", "pk"))


def names_of(ids: Iterable[int]) -> dict[int, str]:
    """The names of parties alone, for the lines of a list; unknown ids are absent."""
    return _parties.names_of(sorted(set(ids)))


def phones_of(ids: Iterable[int]) -> dict[int, str]:
    """Where parties can be called, empty for whoever has no telephone; unknown ids are absent."""
    return _parties.phones_of(sorted(set(ids)))


def find_party(id_number: str) -> PartyView | None:
    """The party of an ID number or unified social credit code, if it ever acted here."""
    row = Party.objects.filter(id_index=sealed_index(id_number)).order_by("pk").first()
    return party_view(row) if row else None


def found_parties(words: str) -> list[PartyView]:
    """The parties with exactly this ID number, credit code or telephone; names are sealed and cannot be looked up."""
    index = sealed_index(words)
    rows = Party.objects.filter(Q(id_index=index) | Q(phone_index=index)).order_by("pk")
    return [party_view(row) for row in rows[:_SAME_NAME_MAX]]


def account(account_id: int) -> AccountView:
    """One account. Raises NoSuchAccount."""
    row = Account.objects.select_related("party").filter(pk=account_id).first()
    if row is None:
        raise NoSuchAccount(_("账号不存在。"), hint=_("请联系管理员。"))
    return account_view(row)


def accounts(ids: Iterable[int]) -> dict[int, AccountView]:
    rows = Account.objects.select_related("party").filter(pk__in=set(ids))
    return {row.pk: account_view(row) for row in rows}


def account_of_party(party_id: int) -> AccountView | None:
    row = Account.objects.select_related("party").filter(party=party_id).first()
    return account_view(row) if row else None


def named_among(usernames: Collection[str]) -> set[str]:
    """Which of these usernames an account that may sign in has; one query."""
    found = Account.objects.filter(username__in=usernames, is_active=True)
    return set(found.values_list("username", flat=True))


def accounts_named(identifier: str) -> list[AccountView]:
    """Accounts that sign in as `identifier`: a work number, an ID number or a phone number."""
    return [account_view(row) for row in _named(identifier)]


def accounts_with_password(identifier: str, password: str) -> list[AccountView]:
    """Active accounts that sign in as `identifier` and have this password; as slow for an unknown name."""
    rows = [row for row in _named(identifier) if row.is_active]
    found = [row for row in rows if check_password(password, row.password)]
    if not rows:
        make_password(password)
    return [account_view(row) for row in found]


def knows_password(account_id: int, password: str) -> bool:
    row = Account.objects.filter(pk=account_id, is_active=True).first()
    return row is not None and check_password(password, row.password)


def post(post_id: int) -> PostView:
    """One post. Raises NoSuchPost."""
    row = Post.objects.filter(pk=post_id).first()
    if row is None:
        raise NoSuchPost(_("没有这个岗位。"), hint=_("请核对岗位。"))
    return post_view(row)


def posts_of(org_id: int) -> list[PostView]:
    return [post_view(row) for row in Post.objects.filter(org=org_id).order_by("post_type", "pk")]


def holders(post_type: str, org_id: int, *, at: datetime | None = None) -> list[AccountView]:
    """Accounts that act today from a post of this type at an organisation."""
    holdings = acting_holdings(legal_day(at)).filter(post__org=org_id, post__post_type=post_type)
    rows = holdings.select_related("account__party").order_by("is_backup", "account_id")
    return list({row.account_id: account_view(row.account) for row in rows}.values())


def holders_by_unit(post_type: str, org_ids: Iterable[int], *, at: datetime | None = None) -> dict[int, AccountView]:
    """As `holders`, the first of each of many organisations, in one query; absent where nobody acts."""
    holdings = acting_holdings(legal_day(at)).filter(post__org__in=set(org_ids), post__post_type=post_type)
    rows = holdings.select_related("account__party", "post").order_by("-is_backup", "-account_id")
    return {row.post.org_id: account_view(row.account) for row in rows}


def holdings_at(org_id: int, *, at: datetime | None = None) -> list[HoldingView]:
    """Everyone appointed at an organisation today, A岗 before B岗, whether away or not."""
    day = legal_day(at)
    rows = PostHolding.objects.select_related("post").filter(
        Q(until__isnull=True) | Q(until__gte=day), post__org=org_id, since__lte=day
    )
    return [holding_view(row) for row in rows.order_by("post__post_type", "post", "is_backup", "pk")]


def holding(holding_id: int) -> HoldingView:
    """One appointment. Raises NoSuchPost."""
    row = PostHolding.objects.select_related("post").filter(pk=holding_id).first()
    if row is None:
        raise NoSuchPost(_("没有这条任职记录。"), hint=_("请核对后再试。"))
    return holding_view(row)


def absence(absence_id: int) -> AbsenceView:
    """One absence. Raises NoSuchPost."""
    row = Absence.objects.filter(pk=absence_id).first()
    if row is None:
        raise NoSuchPost(_("没有这条请假记录。"), hint=_("请核对后再试。"))
    return absence_view(row)


def absences_at(org_id: int, *, at: datetime | None = None) -> list[AbsenceView]:
    """Absences from an organisation's posts that last today or begin later."""
    rows = Absence.objects.filter(holding__post__org=org_id, ends_on__gte=legal_day(at))
    return [absence_view(row) for row in rows.order_by("starts_on", "pk")]


def mandate(mandate_id: int) -> MandateView:
    """One mandate, live or not. Raises NoSuchMandate."""
    row = Mandate.objects.select_related("principal").filter(pk=mandate_id).first()
    if row is None:
        raise NoSuchMandate(_("没有这项授权。"), hint=_("请核对授权记录。"))
    return mandate_view(row)


def require_scope(by: Actor, subject: str) -> None:
    """Raises OutOfScope when an agent's mandate does not cover a matter or journey id; nothing for anybody else."""
    if by.mandate_id is not None and not mandate(by.mandate_id).covers(subject):
        raise OutOfScope(_("授权范围不包括这个事项。"), hint=_("请授权人重新授权，或由本人办理。"))


def mandates_of(account_id: int, *, at: datetime | None = None) -> list[MandateView]:
    """Mandates an account may act under today, the soonest to end first."""
    rows = live_mandates(legal_day(at)).filter(agent=account_id).select_related("principal")
    return [mandate_view(row) for row in rows.order_by("ends_on", "pk")]


def mandates_from(party_id: int) -> list[MandateView]:
    """Every mandate a party gave, newest first; ended ones too."""
    rows = Mandate.objects.filter(principal=party_id).select_related("principal")
    return [mandate_view(row) for row in rows.order_by("-pk")]


def agents_of(party_id: int, *, at: datetime | None = None) -> list[AccountView]:
    """Accounts that may act for a party today."""
    rows = live_mandates(legal_day(at)).filter(principal=party_id).select_related("agent__party")
    return list({row.agent_id: account_view(row.agent) for row in rows.order_by("pk")}.values())


def _named(identifier: str) -> list[Account]:
    rows = Account.objects.select_related("party")
    by_username = list(rows.filter(username=identifier.strip()))
    index = sealed_index(identifier)
    # Not one query: an OR over two tables would read both of them whole.
    by_party = Q(party__id_index=index) | Q(party__phone_index=index)
    return by_username or list(rows.filter(by_party).order_by("pk")[:_SAME_NAME_MAX])
