"""What stands on the front page: tiles, one-things, notices, and how the place is doing."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal
from urllib.parse import urlencode

from django.core.cache import cache
from django.urls import reverse
from django.utils.translation import get_language

from yiwang.kernel.cases import queries as cases
from yiwang.kernel.design.queries import address
from yiwang.kernel.elements import queries as elements
from yiwang.kernel.packs import queries as packs
from yiwang.kernel.packs.contracts import Pack, Text
from yiwang.portal.citizen.kinds import HOME_PAGE, NOTICE, THEMES, HomePagePack, NoticePack
from yiwang.services.feedback import queries as feedback

Side = Literal["person", "firm"]
PERIOD = timedelta(days=90)
FIGURES_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Tile:
    title: str
    icon: str
    url: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Figures:
    """How the place did in the period; None where nothing was counted yet, never 0."""

    closed: int | None
    on_time_percent: float | None
    satisfied_percent: int | None
    days: float | None
    since: date
    until: date


@dataclass(frozen=True, slots=True)
class NoticeRow:
    id: str
    title: str
    published_on: date
    issuer: str
    body: tuple[str, ...]


def said(text: Text | None) -> str:
    return text.in_language(get_language()) if text else ""


def front() -> HomePagePack | None:
    """The front page of the place in force, or of the place above it."""
    found = packs.all_of(HOME_PAGE)
    own = [pack for pack in found if pack.place == packs.current().place]
    return (own or found)[-1].as_type(HomePagePack) if found else None


def tiles(page: HomePagePack, side: Side) -> list[Tile]:
    names = elements.code_list(THEMES[side])
    listed = page.person if side == "person" else page.firm
    found = []
    for each in listed:
        item = names.find(each.theme)
        title = said(each.title) or (said(item.name) if item else "")
        found.append(Tile(title, each.icon, matters_url(theme=each.theme, side=side)))
    return found


def matters_url(*, theme: str, side: str) -> str:
    return f"{reverse('matters')}?{urlencode({'for': side, 'theme': theme})}"


def elder(page: HomePagePack) -> list[Tile]:
    """The four things; one whose page does not exist is left out."""
    found = []
    for each in page.elder:
        url = f"tel:{each.call}" if each.call else address(each.to) if each.to else ""
        if each.theme:
            url = matters_url(theme=each.theme, side="person")
        if url:
            found.append(Tile(said(each.title), each.icon, url, said(each.note)))
    return found


def notices(on: date) -> list[NoticeRow]:
    """Those in force, newest first."""
    rows = [_notice(pack) for pack in packs.all_of(NOTICE) if _is_up(pack.as_type(NoticePack), on)]
    return sorted(rows, key=lambda row: (row.published_on, row.id), reverse=True)


def _is_up(body: NoticePack, on: date) -> bool:
    return body.published_on <= on and (body.until is None or on <= body.until)


def _notice(pack: Pack) -> NoticeRow:
    body = pack.as_type(NoticePack)
    return NoticeRow(
        pack.id, said(body.title), body.published_on, said(body.issuer), tuple(said(each) for each in body.body)
    )


def figures(today: date) -> Figures:
    """Counted at most once a minute: the front page is the busiest."""
    key = f"citizen.figures.{packs.current().place}.{today}"
    found = cache.get(key)
    if not isinstance(found, Figures):
        found = _count(today)
        cache.set(key, found, FIGURES_SECONDS)
    return found


def _count(today: date) -> Figures:
    since = today - PERIOD
    rows = cases.summary_by_org(since, today)
    on_time, late = sum(row.on_time for row in rows), sum(row.late for row in rows)
    closed = sum(row.closed for row in rows)
    return Figures(
        closed=closed or None,
        on_time_percent=round(100 * on_time / (on_time + late), 1) if on_time + late else None,
        satisfied_percent=feedback.place_score(since, today).satisfied_percent,
        days=_mean((row.actual_days, row.closed) for row in rows),
        since=since,
        until=today,
    )


def _mean(pairs: Iterable[tuple[float | None, int]]) -> float | None:
    known = [(days, n) for days, n in pairs if days is not None and n]
    total = sum(n for _, n in known)
    return round(sum(days * n for days, n in known) / total, 1) if total else None
