"""How long a record is public, how it stands on a day, and rows as contracts."""

import calendar
from collections.abc import Iterable
from datetime import date

from django.db.models import Q, QuerySet
from django.utils.translation import get_language

from yiwang.support.credit import kinds
from yiwang.support.credit.contracts import NewRecord, NoSuchRecord, RecordKind, RecordView, Severity, Standing
from yiwang.support.credit.kinds import CreditPolicyPack
from yiwang.support.credit.models import CreditRecord

SHOWN_MAX = 500


def months_after(day: date, months: int) -> date:
    """The same day so many months later; the last of the month where there is no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def periods(new: NewRecord, policy: CreditPolicyPack) -> tuple[bool, date | None, date | None, str]:
    """Is it published, from when may repair be asked for, until when is it public, and by which rule.

    Counted from the day of the document. What is good, and licences, stay public.
    """
    if not new.kind.is_bad:
        return True, None, None, ""
    regime = policy.regime(new.decided_on)
    period = regime.period(new.severity or Severity.GENERAL)
    rule = f"{regime.source.title}（{regime.since.isoformat()}起）"
    if not period.publish_months:
        return False, None, None, rule
    ends = months_after(new.decided_on, period.publish_months)
    return True, months_after(new.decided_on, period.repair_months), ends, rule


def standing(row: CreditRecord, on: date) -> Standing:
    if row.withdrawn_on is not None and row.withdrawn_on <= on:
        return Standing.WITHDRAWN
    if row.repaired_on is not None and row.repaired_on <= on:
        return Standing.REPAIRED
    if not row.is_public:
        return Standing.HIDDEN
    return Standing.OVER if row.publish_until is not None and row.publish_until <= on else Standing.PUBLIC


def in_force(on: date) -> Q:
    """Neither withdrawn nor repaired on a day."""
    return (Q(withdrawn_on=None) | Q(withdrawn_on__gt=on)) & (Q(repaired_on=None) | Q(repaired_on__gt=on))


def public(on: date) -> Q:
    """As `standing` is PUBLIC."""
    return in_force(on) & Q(is_public=True) & (Q(publish_until=None) | Q(publish_until__gt=on))


def of_subject(uscc: str) -> QuerySet[CreditRecord]:
    return CreditRecord.objects.filter(uscc=uscc).order_by("-decided_on", "-id")


def row(record_id: int, uscc: str) -> CreditRecord:
    """A record of this subject, locked. Raises NoSuchRecord."""
    found = CreditRecord.objects.select_for_update().filter(pk=record_id, uscc=uscc).first()
    if found is None:
        raise NoSuchRecord("没有这条信用记录。", hint="请从列表重新打开。")
    return found


def views(rows: Iterable[CreditRecord], *, on: date) -> tuple[RecordView, ...]:
    titles = {each.id: each.title.in_language(get_language()) for each in kinds.policy().lists}
    return tuple(
        RecordView(
            id=each.pk,
            source=each.source,
            number=each.number,
            kind=RecordKind(each.kind),
            uscc=each.uscc,
            title=each.title,
            document_no=each.document_no,
            decided_on=each.decided_on,
            authority=each.authority,
            severity=Severity(each.severity) if each.severity else None,
            list_id=each.list_id,
            list_title=titles.get(each.list_id, each.list_id),
            content=str(each.content),
            standing=standing(each, on),
            publish_until=each.publish_until,
            repair_from=each.repair_from,
            is_disputed=each.case_id is not None,
            rule=each.rule,
        )
        for each in rows
    )


def as_registered(record_ids: Iterable[int], on: date) -> list[dict[str, str | None]]:
    """Records as the registry keeps them; what a decision says stays here."""
    rows = CreditRecord.objects.filter(pk__in=list(record_ids)).select_related("org__region").order_by("pk")
    return [
        {
            "record_no": f"{row.source}:{row.number}", "uscc": row.uscc, "kind": RecordKind(row.kind).word, "title": row.title,
            "document_no": row.document_no, "decided_on": row.decided_on.isoformat(), "authority": row.authority,
            "severity": Severity(row.severity).word if row.severity else None, "standing": standing(row, on).word,
            "publish_until": row.publish_until.isoformat() if row.publish_until else None,
            "region_code": row.org.region.code if row.org else None,
        }
        for row in rows
    ]  # fmt: skip
