"""Checks of one or many subjects: two queries to read and one to write, however many there are."""

from collections.abc import Sequence
from datetime import datetime

from django.utils import timezone

from yiwang.data.registries import queries as registries
from yiwang.kernel.access import queries as access
from yiwang.kernel.audit import actions as audit
from yiwang.kernel.base.contracts import Actor
from yiwang.support.credit import _grading, kinds
from yiwang.support.credit.contracts import CHECK, BadCheck, CheckView
from yiwang.support.credit.models import CreditCheck

CHECKS_MAX, PURPOSE_MAX = 1000, 120


def check(usccs: Sequence[str], purpose: str, by: Actor, *, at: datetime) -> list[CheckView]:
    """See actions.check_many."""
    wanted = [each.strip().upper() for each in usccs]
    if not wanted or len(wanted) > CHECKS_MAX or any(len(each) != 18 for each in wanted):
        raise BadCheck(f"一次核查1到{CHECKS_MAX}个统一社会信用代码（18位）。", hint="请分批核查。")
    said = purpose.strip()
    if not said or len(said) > PURPOSE_MAX:
        raise BadCheck("没有写核查的用途。", hint=f"请写为办哪件事核查（{PURPOSE_MAX}字以内），被核查的企业看得到。")
    post = next((each for each in by.posts if access.may(by, CHECK, each.org_id)), None)
    if post is None:
        access.require(by, CHECK, at_org=0)
        raise BadCheck("没有核查单位。", hint="请用有岗位的账号核查。")
    found = _answers(wanted, at)
    row = CreditCheck.objects.create(
        org_id=post.org_id, account_id=by.account_id, usccs=sorted(set(wanted)), purpose=said, at=at
    )
    detail = {"count": len(wanted), "purpose": said}
    audit.record("credit.subjects.checked", target=f"credit-check:{row.pk}", by=by, at=at, detail=detail)
    return found


def _answers(usccs: Sequence[str], at: datetime) -> list[CheckView]:
    on, policy = timezone.localdate(at), kinds.policy()
    known = registries.registered_firms(usccs)
    lines = _grading.lines(set(usccs), on=on)
    answers = []
    for uscc in usccs:
        own = lines.get(uscc, [])
        graded = _grading.grade(_grading.facts(own, on=on, policy=policy), on=on)
        live = [line for line in own if line.is_live(on)]
        answers.append(
            CheckView(
                uscc=uscc,
                is_registered=uscc in known,
                grade=graded.grade,
                reason=graded.reason,
                public_records=len(live),
                lists=tuple(sorted({line.list_id for line in live if line.list_id})),
                measures=_grading.measures(own, graded.grade, on=on, policy=policy),
            )
        )
    return answers
