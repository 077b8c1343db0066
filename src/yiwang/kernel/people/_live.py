"""What counts today: holdings, backups whose holders are away, and mandates."""

from datetime import date, datetime

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from yiwang.kernel.people.models import Absence, Mandate, PostHolding


def legal_day(at: datetime | None) -> date:
    """The day of `at` where the law applies; today for a caller that has no instant."""
    return timezone.localdate(at)


def acting_holdings(on: date) -> QuerySet[PostHolding]:
    """Holdings that let someone act on a day: A岗, and B岗 of posts whose A岗 are all away or vacant."""
    present = _on(on).filter(post=OuterRef("post"), is_backup=False).exclude(_is_away(on))
    return _on(on).filter(Q(is_backup=False) | ~Exists(present))


def live_mandates(on: date) -> QuerySet[Mandate]:
    return Mandate.objects.filter(starts_on__lte=on, ends_on__gte=on).filter(
        Q(revoked_on__isnull=True) | Q(revoked_on__gt=on)
    )


def _on(on: date) -> QuerySet[PostHolding]:
    return PostHolding.objects.filter(
        Q(until__isnull=True) | Q(until__gte=on),
        since__lte=on,
        account__is_active=True,
        post__org__closed_on__isnull=True,
    )


def _is_away(on: date) -> Exists:
    return Exists(Absence.objects.filter(holding=OuterRef("pk"), starts_on__lte=on, ends_on__gte=on))
