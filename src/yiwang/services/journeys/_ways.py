"""What one-things offer on the guide pages of the matters they are made of."""

from django.urls import reverse
from django.utils.translation import get_language, gettext

from yiwang.services.journeys import queries
from yiwang.services.matters.contracts import ImplementationView, WayIn


def ways_in(matter: ImplementationView) -> list[WayIn]:
    """The one-things that a matter is part of, for its guide page."""
    return [
        WayIn(
            reverse("journey", args=[row.id]),
            _in_language(row.title, row.title_en),
            gettext("和另外%(n)d件事一张表一起办：%(title)s")
            % {"n": row.matters - 1, "title": _in_language(row.title, row.title_en)},
        )
        for row in queries.all_of()
        if matter.matter_id in row.matter_ids
    ]


def _in_language(chinese: str, english: str) -> str:
    return english if english and (get_language() or "").startswith("en") else chinese
