"""A visit: opened when somebody is let through to a client, ended by any of a handful of reasons, and then told to the client."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction
from procrastinate.contrib.django import app

from yiwang.kernel.audit import actions as audit
from yiwang.kernel.base.contracts import SYSTEM, Actor
from yiwang.kernel.base.fields import sealed_index
from yiwang.kernel.people import queries as people
from yiwang.kernel.people.contracts import MandateOver, NoSuchAccount
from yiwang.support.login.contracts import Proof
from yiwang.support.oidc import _claims
from yiwang.support.oidc.contracts import Ending
from yiwang.support.oidc.models import AccessToken, Client, RefreshToken, Visit

# No longer than a sitting of a resident.
LASTS = timedelta(hours=24)
TELL_TASK = "oidc.tell_client"


def open_visit(client: Client, scopes: list[str], proof: Proof, issuer: str, *, by: Actor, at: datetime) -> Visit:
    assert by.account_id is not None
    return Visit.objects.create(
        client=client,
        account_id=by.account_id,
        mandate_id=_claims.firm_mandate(by),
        mark=proof.mark,
        level=proof.level.value,
        methods=[method.value for method in proof.methods],
        proved_at=proof.proved_at,
        scopes=scopes,
        issuer=issuer,
        opened_at=at,
        expires_at=at + LASTS,
    )


def actor_of(visit: Visit, *, at: datetime) -> Actor | None:
    """Who visits, if the visit still holds; an account or mandate that ended takes it along."""
    if visit.ended_at is not None or at >= visit.expires_at:
        return None
    try:
        return people.actor_of(visit.account_id, visit.mandate_id, at=at)
    except (NoSuchAccount, MandateOver):
        end([visit], Ending.OVER, by=SYSTEM, at=at)
        return None


def subject(client: Client, account_id: int) -> str:
    """What a client calls somebody: another name at every client, so that two cannot compare."""
    return sealed_index(f"oidc:{client.client_id}:{account_id}")[:43]


@transaction.atomic
def end(visits: Iterable[Visit], ending: Ending, *, by: Actor, at: datetime) -> int:
    """Make every token of these visits worthless, and have their clients told. Returns how many were still open."""
    ids = [visit.pk for visit in visits]
    rows = Visit.objects.select_for_update().filter(pk__in=ids, ended_at=None).order_by("pk").select_related("client")
    over = list(rows)
    Visit.objects.filter(pk__in=[row.pk for row in over]).update(ended_at=at, ending=ending.value)
    AccessToken.objects.filter(visit__in=over).delete()
    RefreshToken.objects.filter(visit__in=over, revoked=None).update(revoked=at)
    for row in over:
        detail = {"client": row.client.client_id, "ending": ending.value}
        audit.record("oidc.visit.ended", target=f"account:{row.account_id}", by=by, at=at, detail=detail)
        if row.client.logout_uri:
            app.configure_task(TELL_TASK).defer(visit=row.pk)
    return len(over)
