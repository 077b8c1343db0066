"""每月一题: what is chosen each month to be solved at its root, and by whom it is led."""

from datetime import date, datetime

from django.db import IntegrityError, transaction

from yiwang.kernel.access import queries as access
from yiwang.kernel.audit import actions as audit
from yiwang.kernel.base.contracts import Actor, Place
from yiwang.kernel.orgs import queries as orgs
from yiwang.services.hotline import _policy
from yiwang.services.hotline._topic_shapes import BadQuestion, NoSuchTopic
from yiwang.services.hotline.models import MonthlyQuestion, Topic

LEAD = "hotline.lead"
TITLE_MAX, PLAN_MAX, MONTHS_AHEAD = 100, 2000, 12


def choose_question(
    *,
    month: date,
    title: str,
    plan: str,
    lead_org_id: int,
    topic_id: int | None = None,
    category: str = "",
    by: Actor,
    at: datetime,
) -> int:
    """Choose a topic, or a category, as a month's question; answers its id. Raises BadQuestion, NoSuchTopic, NotPermitted."""
    _require(by)
    first = month.replace(day=1)
    topic = Topic.objects.filter(pk=topic_id).first() if topic_id else None
    if topic_id and topic is None:
        raise NoSuchTopic("没有这个热点。", hint="请从今天的热点里选。")
    _require_sound(first, title, plan, lead_org_id, topic, category, at)
    try:
        with transaction.atomic():
            row = MonthlyQuestion.objects.create(
                month=first,
                topic=topic,
                category=category or (topic.category if topic else ""),
                title=title.strip(),
                plan=plan.strip(),
                lead_org_id=lead_org_id,
                account_id=by.account_id,
                chosen_at=at,
            )
            audit.record(
                "hotline.question.chosen",
                target=f"hotline.question:{row.pk}",
                by=by,
                at=at,
                detail={"month": f"{first:%Y-%m}"},
            )
    except IntegrityError as twice:
        raise BadQuestion("这个热点已经是这个月的题目。", hint="请看每月一题列表。") from twice
    return row.pk


@transaction.atomic
def drop_question(*, question_id: int, by: Actor, at: datetime) -> None:
    """Take a question off the list; it stays in the books. Raises NoSuchTopic, NotPermitted."""
    _require(by)
    row = MonthlyQuestion.objects.select_for_update().filter(pk=question_id, dropped_at__isnull=True).first()
    if row is None:
        raise NoSuchTopic("没有这个题目。", hint="请刷新列表。")
    row.dropped_at = at
    row.save(update_fields=["dropped_at"])
    audit.record("hotline.question.dropped", target=f"hotline.question:{row.pk}", by=by, at=at)


def _require(by: Actor) -> None:
    for office in orgs.of_kind(_policy.policy().office):
        access.require(by, LEAD, at_org=office.id)


def _require_sound(
    first: date, title: str, plan: str, lead_org_id: int, topic: Topic | None, category: str, at: datetime
) -> None:
    ahead = (first.year - at.year) * 12 + first.month - at.month
    checks = (
        ("title", bool(title.strip()) and len(title) <= TITLE_MAX, f"题目要写，{TITLE_MAX}字以内。"),
        ("plan", bool(plan.strip()) and len(plan) <= PLAN_MAX, f"怎么解决要写，{PLAN_MAX}字以内。"),
        ("month", -MONTHS_AHEAD <= ahead <= MONTHS_AHEAD, "月份只能在前后一年之内。"),
        ("lead_org", lead_org_id in orgs.named([lead_org_id]), "没有这个牵头单位。"),
        ("category", topic is not None or bool(_policy.tree().name(category)), "请选一个热点或分类。"),
    )
    wrong = [Place(where, sentence) for where, is_so, sentence in checks if not is_so]
    if wrong:
        raise BadQuestion("题目没有填完整。", places=wrong, hint="请看标出的地方。")
