"""What somebody began to fill in and has not filed, with the page on which it goes on."""

from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse

from yiwang.kernel.base.contracts import Actor
from yiwang.kernel.forms import queries as forms
from yiwang.kernel.forms.contracts import DraftView
from yiwang.kernel.workdays import queries as workdays
from yiwang.services.journeys import queries as journeys
from yiwang.services.matters import queries as matters
from yiwang.services.matters.contracts import NoSuchImplementation

SHOWN = 5


@dataclass(frozen=True, slots=True)
class Unfinished:
    """The matter or the one-thing."""

    title: str
    title_en: str
    url: str
    saved_at: datetime


def unfinished(by: Actor, *, at: datetime) -> list[Unfinished]:
    """The latest first; forms that nobody can file any more are left out."""
    drafts = forms.drafts_of(by)
    one_things = {journeys.form(row.id).id: row.id for row in journeys.all_of()} if drafts else {}
    found = (_one_thing(each, one_things) or _matter(each, at) for each in drafts)
    return [each for each in found if each is not None][:SHOWN]


def _one_thing(draft: DraftView, one_things: dict[str, str]) -> Unfinished | None:
    if draft.form_id not in one_things:
        return None
    row = journeys.get(one_things[draft.form_id])
    return Unfinished(row.title, row.title_en, reverse("journey-fill", args=[row.id, draft.key]), draft.saved_at)


def _matter(draft: DraftView, at: datetime) -> Unfinished | None:
    try:
        matter = matters.by_code(draft.key, on=workdays.legal_day(at))
    except NoSuchImplementation:
        return None
    if matter.form_id != draft.form_id:
        return None
    return Unfinished(matter.name, matter.name_en, reverse("apply-fill", args=[matter.code]), draft.saved_at)
