"""How signatures and names of topics are forgotten: what only helps to find like among like is not kept as long as the tickets."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from yiwang.kernel.base.contracts import Actor
from yiwang.kernel.retention.contracts import Store, register_store
from yiwang.services.hotline.models import MonthlyQuestion, TicketSignature, Topic, TopicTicket

GONE = "（已按期删除）"


def register() -> None:
    register_store(Store("hotline.signatures", "热线诉求的特征数", "诉求收到", _old_signatures, _drop_signatures))
    register_store(Store("hotline.topics", "不再是热点的热点名称", "最后一件诉求", _past_topics, _drop_topics))


def _old_signatures(before: datetime, *, done: Any) -> Any:
    return TicketSignature.objects.filter(received_at__lt=before).order_by("pk").values_list("pk", flat=True)


def _drop_signatures(*, numbers: Sequence[int], ground: str, by: Actor, at: datetime) -> None:
    TicketSignature.objects.filter(pk__in=numbers).delete()


def _past_topics(before: datetime, *, done: Any) -> Any:
    rows = Topic.objects.filter(is_current=False, last_at__lt=before).exclude(pieces=[])
    return rows.order_by("pk").values_list("pk", flat=True)


def _drop_topics(*, numbers: Sequence[int], ground: str, by: Actor, at: datetime) -> None:
    """A topic that was a month's question keeps its row, for the question stays in the books; its name and pieces go."""
    asked = set(MonthlyQuestion.objects.filter(topic__in=numbers).values_list("topic_id", flat=True))
    TopicTicket.objects.filter(topic__in=numbers).delete()
    Topic.objects.filter(pk__in=asked).update(name=GONE, pieces=[])
    Topic.objects.filter(pk__in=set(numbers) - asked).delete()
