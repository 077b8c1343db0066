"""The way in that a guide page offers for a matter that can be applied for by itself."""

from django.urls import reverse
from django.utils.translation import gettext

from yiwang.services.matters.contracts import ImplementationView, WayIn


def ways_in(matter: ImplementationView) -> list[WayIn]:
    if not matter.stands_alone:
        return []
    return [WayIn(reverse("apply-fill", args=[matter.code]), gettext("单独办这一项"))]
