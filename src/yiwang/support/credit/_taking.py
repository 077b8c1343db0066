"""Taking in what sources deliver: each record once by its source's number, changed where the source changed it."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime

from django.utils import timezone

from yiwang.kernel.access import queries as access
from yiwang.kernel.audit import actions as audit
from yiwang.kernel.base import events
from yiwang.kernel.base.codes import is_uscc
from yiwang.kernel.base.contracts import Actor
from yiwang.kernel.ledger import actions as ledger
from yiwang.kernel.orgs import queries as orgs
from yiwang.kernel.orgs.contracts import OrgView
from yiwang.support.credit import _records, kinds
from yiwang.support.credit.contracts import CHANGED, RECORD, BadRecords, NewRecord, RecordKind, TakenReport
from yiwang.support.credit.kinds import CreditPolicyPack
from yiwang.support.credit.models import CreditRecord

BATCH_MAX = 1000
_WRITTEN = (
    "kind", "uscc", "title", "document_no", "decided_on", "authority", "org", "severity", "list_id", "content",
    "is_public", "repair_from", "publish_until", "rule", "digest", "withdrawn_on",
)  # fmt: skip


def take(source: str, records: Sequence[NewRecord], by: Actor, *, at: datetime) -> TakenReport:
    """See actions.take_records."""
    if not source or not records or len(records) > BATCH_MAX:
        raise BadRecords(f"一次报送1到{BATCH_MAX}条，并写明来源。", hint="请分批报送。")
    policy, today = kinds.policy(), timezone.localdate(at)
    units = {
        unit.uscc: unit for unit in orgs.by_usccs({each.authority_uscc for each in records if each.authority_uscc})
    }
    _permit(by, units)
    problems = _problems(records, units, policy, today)
    sound = {each.number: each for each in records if each.number not in problems}
    known = {
        row.number: row
        for row in CreditRecord.objects.select_for_update().filter(source=source, number__in=list(sound))
    }
    rows = {number: _filled(known.get(number), source, new, units, policy, at) for number, new in sound.items()}
    fresh = [row for number, row in rows.items() if number not in known]
    changed = [row for number, row in rows.items() if number in known and row.digest != known[number].digest]
    CreditRecord.objects.bulk_create(fresh)
    for row in changed:
        row.pk = known[row.number].pk
    CreditRecord.objects.bulk_update(changed, _WRITTEN)
    report = TakenReport(len(fresh), len(changed), len(sound) - len(fresh) - len(changed), problems)
    if fresh or changed:
        _written_down(source, [*fresh, *changed], report, by, at)
    return report


def _permit(by: Actor, units: Mapping[str, OrgView]) -> None:
    """An authority reports its own decisions; who has no unit of ours in front may report anywhere or nowhere."""
    for unit in units.values():
        access.require(by, RECORD, at_org=unit.id)
    if not units and not access.may_anywhere(by, RECORD):
        access.require(by, RECORD, at_org=0)


def _problems(
    records: Sequence[NewRecord], units: Mapping[str, OrgView], policy: CreditPolicyPack, today: date
) -> dict[str, str]:
    found: dict[str, str] = {}
    seen: set[str] = set()
    for each in records:
        wrong = next(_faults(each, units, policy, today), "")
        if each.number in seen:
            wrong = "同一批里有两条这个编号。"
        seen.add(each.number)
        if wrong:
            found[each.number] = wrong
    return found


def _faults(new: NewRecord, units: Mapping[str, OrgView], policy: CreditPolicyPack, today: date) -> Iterator[str]:
    if not new.number or not new.title.strip() or not new.authority.strip():
        yield "编号、名称和作出机关都要写。"
    if not is_uscc(new.uscc):
        yield "统一社会信用代码不对；公共信用记录只收企业和其他组织的。"
    if new.decided_on > today:
        yield "文书日期在将来。"
    if new.authority_uscc and new.authority_uscc not in units:
        yield "作出机关的代码不是本地单位。"
    if new.kind in (RecordKind.PENALTY, RecordKind.BLACK, RecordKind.BROKEN) and new.severity is None:
        yield "失信记录没有写轻微、一般还是严重。"
    listed = policy.list_of(new.list_id)
    wanted = {RecordKind.RED: "red", RecordKind.BLACK: "black"}.get(new.kind)
    if wanted and (listed is None or listed.colour != wanted):
        yield "名单不在公共信用管理规则里，或与红黑不符。"


def _filled(
    known: CreditRecord | None,
    source: str,
    new: NewRecord,
    units: Mapping[str, OrgView],
    policy: CreditPolicyPack,
    at: datetime,
) -> CreditRecord:
    is_public, repair_from, publish_until, rule = _records.periods(new, policy)
    withdrawn = (known.withdrawn_on if known else None) or timezone.localdate(at)
    return CreditRecord(
        source=source,
        number=new.number,
        kind=new.kind.value,
        uscc=new.uscc,
        title=new.title.strip(),
        document_no=new.document_no,
        decided_on=new.decided_on,
        authority=new.authority.strip(),
        org_id=units[new.authority_uscc].id if new.authority_uscc else None,
        severity=new.severity.value if new.severity else "",
        list_id=new.list_id,
        content=new.content,
        is_public=is_public,
        repair_from=repair_from,
        publish_until=publish_until,
        rule=rule,
        digest=_digest(new, rule),
        taken_at=at,
        withdrawn_on=withdrawn if new.is_withdrawn else None,
    )


def _digest(new: NewRecord, rule: str) -> str:
    return hashlib.sha256(json.dumps([asdict(new), rule], default=str, sort_keys=True).encode()).hexdigest()


def _written_down(source: str, rows: Sequence[CreditRecord], report: TakenReport, by: Actor, at: datetime) -> None:
    content = {
        "source": source,
        "created": report.created,
        "changed": report.changed,
        "digests": hashlib.sha256("".join(sorted(row.digest for row in rows)).encode()).hexdigest(),
    }
    ledger.append(kind="credit.records.taken", subject=f"credit-source:{source}", content=content, by=by, at=at)
    audit.record("credit.records.taken", target=f"credit-source:{source}"[:120], by=by, at=at, detail=content)
    events.publish(CHANGED, {"records": [row.pk for row in rows]}, at=at)
