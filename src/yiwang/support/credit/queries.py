"""Reading credit: a firm's public part, its own whole page, who checked it, what the rules are."""

from datetime import date

from django.utils import timezone

from yiwang.data.registries import queries as registries
from yiwang.kernel.access import queries as access
from yiwang.kernel.base.contracts import Actor
from yiwang.kernel.base.paging import Page, keyset
from yiwang.kernel.packs.contracts import Text
from yiwang.support.credit import _grading, _records, _requests, kinds
from yiwang.support.credit.contracts import CHECK, CheckedView, NoSuchSubject, SubjectView
from yiwang.support.credit.models import CreditCheck


def public(uscc: str, *, on: date | None = None) -> SubjectView:
    """What anybody may know of a firm: records in their period of publication. Raises NoSuchSubject."""
    return _subject(uscc, on or timezone.localdate(), is_whole=False)


def own(by: Actor, *, on: date | None = None) -> SubjectView:
    """Everything held about the firm that one acts for, with its grade. Raises NotAFirm, NoSuchSubject."""
    return _subject(_requests.firm_of(by).id_number, on or timezone.localdate(), is_whole=True)


def of_desk(uscc: str, by: Actor, *, on: date | None = None) -> SubjectView:
    """As `own` for who may check; actions.check_many writes down that it was looked at. Raises NotPermitted, NoSuchSubject."""
    if not access.may_anywhere(by, CHECK):
        access.require(by, CHECK, at_org=0)
    return _subject(uscc, on or timezone.localdate(), is_whole=True)


def checks_of(by: Actor, *, cursor: str | None = None) -> Page[CheckedView]:
    """Who checked the firm that one acts for, newest first. Raises NotAFirm."""
    rows = CreditCheck.objects.filter(usccs__contains=[_requests.firm_of(by).id_number])
    page = keyset(rows, order=("-id",), cursor=cursor, size=20)
    return page.map(lambda row: CheckedView(row.org_id, row.purpose, row.at))


def promises() -> tuple[Text, ...]:
    """What a firm promises when it asks for repair."""
    return kinds.policy().promises


def _subject(uscc: str, on: date, *, is_whole: bool) -> SubjectView:
    firm = registries.find_legal_person(uscc.strip().upper())
    if firm is None:
        raise NoSuchSubject("没有这家企业的登记。", hint="请核对18位统一社会信用代码。")
    policy = kinds.policy()
    rows = _records.of_subject(firm.uscc)
    shown = rows if is_whole else rows.filter(_records.public(on))
    lines = _grading.lines({firm.uscc}, on=on).get(firm.uscc, [])
    graded = _grading.grade(_grading.facts(lines, on=on, policy=policy), on=on)
    return SubjectView(
        uscc=firm.uscc,
        name=firm.name,
        region_code=firm.region_code,
        status=firm.status,
        records=_records.views(shown[: _records.SHOWN_MAX], on=on),
        measures=_grading.measures(lines, graded.grade if is_whole else "", on=on, policy=policy),
        grade=graded if is_whole else None,
    )
