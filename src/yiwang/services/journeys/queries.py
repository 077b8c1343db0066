"""Reading one-things: which there are, what they save, what a filing sets going, how a running one stands."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.utils import timezone

from yiwang.kernel.base.text import bigrams
from yiwang.kernel.forms.contracts import FormDef
from yiwang.kernel.orgs import queries as orgs
from yiwang.kernel.orgs.contracts import Level, RegionView
from yiwang.kernel.packs import queries as packs
from yiwang.kernel.workdays import queries as workdays
from yiwang.kernel.workdays.contracts import Due, Limit, Unit
from yiwang.services.journeys import _explain, _plan, _progress, _wording
from yiwang.services.journeys._book import book, open_book
from yiwang.services.journeys.contracts import Explanation, JourneyRow, PlanView, Progress
from yiwang.services.journeys.kinds import JOURNEY, JourneyPack

LEVELS = {
    "province": Level.PROVINCE,
    "city": Level.CITY,
    "county": Level.COUNTY,
    "town": Level.TOWN,
    "village": Level.VILLAGE,
}


def explain(journey_id: str) -> Explanation:
    """What a one-thing saves, computed from packs. Raises NoSuchJourney."""
    return _explain.explain(open_book(journey_id))


def explanation_lines(found: Explanation) -> list[str]:
    """An explanation in words, as Markdown."""
    return list(_wording.lines(found))


def all_of(*, audience: str = "", theme: str = "") -> list[JourneyRow]:
    """The one-things in force, with what each saves."""
    rows = []
    for pack in packs.all_of(JOURNEY):
        body = pack.as_type(JourneyPack)
        if (not audience or audience in body.audience) and (not theme or theme in body.themes):
            rows.append(_row(pack.id, body))
    return rows


def search(text: str) -> list[JourneyRow]:
    """One-things whose title, words or matters hold every two-sign piece of `text`."""
    wanted = set(bigrams(text))
    if not wanted:
        return []
    return [row for row in all_of() if wanted <= _words(row)]


def get(journey_id: str) -> JourneyRow:
    """Raises NoSuchJourney."""
    opened = open_book(journey_id)
    return _row(opened.pack.id, opened.body)


def form(journey_id: str) -> FormDef:
    """The one form. Raises NoSuchJourney."""
    return open_book(journey_id).form


def plan(journey_id: str, answers: Mapping[str, Any], *, region_code: str, on: date) -> PlanView:
    """What these answers would set going at a place. Raises NoSuchJourney, NobodyHandles."""
    return _plan.plan(open_book(journey_id, region_code), answers, region_code=region_code, on=on)


def due(plan: PlanView, *, at: datetime) -> Due:
    """The day promised to who files at this moment."""
    return workdays.due(at, Limit(plan.promised_days, Unit.WORKDAY))


def progress(root_id: int, *, at: datetime | None = None) -> Progress:
    """All matters of a running one-thing, without asking who looks. Raises NoSuchCase."""
    return _progress.of(root_id, at or timezone.now())


def _row(journey_id: str, body: JourneyPack) -> JourneyRow:
    pack = packs.get(JOURNEY, journey_id)
    opened = book(pack, packs.current())
    return JourneyRow(
        id=journey_id,
        title=str(body.title),
        title_en=body.title.en,
        intro=str(body.intro),
        intro_en=body.intro.en,
        audience=tuple(body.audience),
        themes=tuple(body.themes),
        matters=len(body.parts),
        visits=sum(part.visits for part in body.parts),
        promised_days=_explain.full_schedule(opened).days,
        matter_ids=tuple(part.matter for part in body.parts),
        keywords=(*body.keywords, *(part.matter.title for part in opened.parts.values())),
    )


def _words(row: JourneyRow) -> set[str]:
    return {piece for text in (row.title, row.title_en, *row.keywords) for piece in bigrams(text)}


def regions(journey_id: str) -> list[RegionView]:
    """Where a one-thing can be begun: regions of its level with an organisation that leads it. Raises NoSuchJourney."""
    body = open_book(journey_id).body
    found = orgs.regions(org.region_code for org in orgs.of_kind(body.lead))
    return sorted((r for r in found.values() if r.level == LEVELS[body.level]), key=lambda region: region.code)
