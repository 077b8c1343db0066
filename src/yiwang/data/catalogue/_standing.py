"""What the data standard asks the catalogue: which entries name an element, and which unit is its source."""

from collections.abc import Iterator

from django.urls import reverse

from yiwang.data.catalogue.contracts import Sharing, State
from yiwang.data.catalogue.models import Authority, Resource
from yiwang.data.standards.contracts import Answer, Usage, register_answer, register_usage

USAGES_MAX = 100


def usages(element_id: str) -> Iterator[Usage]:
    """Shared entries in force only: whoever may look at the standard may see those."""
    rows = Resource.objects.filter(items__element_id=element_id, state=State.IN_FORCE).exclude(sharing=Sharing.REFUSED)
    for code, title in rows.order_by("code").values_list("code", "title").distinct()[:USAGES_MAX]:
        yield Usage("数据目录", code, title, reverse("desk-resource", args=[code]))


def answer(element_id: str) -> Answer | None:
    row = Authority.objects.select_related("resource", "org").filter(element_id=element_id, until=None).first()
    if row is None:
        return None
    return Answer(row.org.short_name, row.resource.title, reverse("desk-resource", args=[row.resource.code]))


def register() -> None:
    register_usage(usages)
    register_answer(answer)
