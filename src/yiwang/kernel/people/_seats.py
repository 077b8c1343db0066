"""Who sits there, with the posts they act from: asked with every request, so the query is built once and not each time."""

import json
from collections.abc import Sequence
from datetime import date
from functools import cache, lru_cache
from typing import Any

from django.conf import settings
from django.contrib.postgres.expressions import ArraySubquery
from django.db import connection
from django.db.models import Func, OuterRef, TextField
from django.utils.translation import gettext as _

from yiwang.kernel.base import digests, rows
from yiwang.kernel.base.contracts import Actor, ActorKind, PostRef
from yiwang.kernel.people._live import acting_holdings, live_mandates
from yiwang.kernel.people.contracts import MandateOver, Seat
from yiwang.kernel.people.models import Account, Party

# They stand in the built query where values go.
_ACCOUNT, _MANDATE, _DAY = -71, -72, date(1, 1, 1)
_POSTS_KEPT = 1_000
# What `Account.get_session_auth_hash` is salted with.
_AUTH_SALT = "django.contrib.auth.models.AbstractBaseUser.get_session_auth_hash"
# In the order of PostRef.
_POST = (
    "post_id",
    "post__org_id",
    "post__org__path",
    "post__post_type",
    "post__title",
    "is_backup",
    "post__org__region__code",
)


def seat(account_id: int, mandate_id: int | None, day: date) -> Seat | None:
    """The seat of an active account on a day; None without one. Raises MandateOver."""
    values = {"account": account_id, "mandate": mandate_id or 0, "day": day}
    answer = rows.fetch(_statement("%(account)s", "%(mandate)s"), values)
    return read(answer[0], mandate_id) if answer else None


def beside(account: str) -> str:
    """What `seat` asks without a mandate on `%(day)s`, of the account that an expression names; `read` reads its columns."""
    return _statement(account, "NULL")


def read(answer: Sequence[Any], mandate_id: int | None = None) -> Seat:
    """The seat in one row of an answer. Raises MandateOver."""
    account_id, kind, name, party_id, party_name, password, held, principals = answer
    if mandate_id is not None and not principals:
        raise MandateOver(_("这项授权已到期或已撤销。"), hint=_("请授权人重新授权，或改为本人办理。"))
    actor = Actor(
        kind=ActorKind.AGENT if mandate_id is not None else ActorKind(kind),
        name=_plain(Party, party_name) if party_name is not None else _plain(Account, name),
        account_id=account_id,
        party_id=party_id,
        principal_id=principals[0] if mandate_id is not None else None,
        mandate_id=mandate_id,
        # Who acts for somebody else does not act from a post at the same time.
        posts=() if mandate_id is not None else _posts(",".join(held)),
    )
    return Seat(actor, digests.salted(_AUTH_SALT, password, secret=settings.SECRET_KEY).hex())


@lru_cache(maxsize=_POSTS_KEPT)
def _posts(held: str) -> tuple[PostRef, ...]:
    """Posts as the answer writes them; the same words are always the same posts."""
    return tuple(PostRef(*post) for post in json.loads(f"[{held}]"))


@cache
def _statement(account: str, mandate: str) -> str:
    built, marks = _built()
    first, *others = built.split("%s")
    places = {_ACCOUNT: account, _MANDATE: mandate, _DAY: "%(day)s"}
    return first + "".join(f"{places.get(mark, mark)}{piece}" for mark, piece in zip(marks, others, strict=True))


def _built() -> tuple[str, Sequence[Any]]:
    posts = acting_holdings(_DAY).filter(account=OuterRef("pk")).order_by("pk")
    mandates = live_mandates(_DAY).filter(pk=_MANDATE, agent=OuterRef("pk"))
    found = Account.objects.filter(pk=_ACCOUNT, is_active=True).annotate(
        held=ArraySubquery(
            posts.values(
                json=Func(*_POST, template="json_build_array(%(expressions)s)::text", output_field=TextField())
            )
        ),
        principals=ArraySubquery(mandates.values("principal_id")),
    )
    names = ("pk", "kind", "name", "party_id", "party__name", "password", "held", "principals")
    sql, marks = found.values_list(*names).query.sql_with_params()
    return sql, marks


def _plain(model: type[Account] | type[Party], sealed: Any) -> str:
    field: Any = model._meta.get_field("name")
    return str(field.from_db_value(sealed, None, connection) or "")
