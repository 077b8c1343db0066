"""一件事 on the front page: what there is, and what each saves."""

from collections.abc import Iterable

from django.urls import NoReverseMatch, reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from yiwang.portal.citizen import _home
from yiwang.portal.citizen._home import Side, Tile
from yiwang.services.journeys import queries as journeys
from yiwang.services.journeys.contracts import JourneyRow


def cards(side: Side) -> list[Tile]:
    """Those for residents or for firms, with "7件事 1张表 0次跑动"."""
    return _tiles(journeys.all_of(audience=side))


def search(text: str) -> list[Tile]:
    return _tiles(journeys.search(text))


def _tiles(rows: Iterable[JourneyRow]) -> list[Tile]:
    icons = _icons()
    found = []
    for row in rows:
        icon = next((icons[theme] for theme in row.themes if theme in icons), "list")
        found.append(Tile(_title(row), icon, _url(row), _saves(row)))
    return found


def _icons() -> dict[str, str]:
    """A one-thing wears the icon of its theme."""
    page = _home.front()
    return {each.theme: each.icon for each in (*page.firm, *page.person)} if page else {}


def _title(row: JourneyRow) -> str:
    return row.title_en if row.title_en and (get_language() or "").startswith("en") else row.title


def _saves(row: JourneyRow) -> str:
    return _("%(matters)d件事 1张表 %(visits)d次跑动 %(days)d个工作日") % {
        "matters": row.matters,
        "visits": row.visits,
        "days": row.promised_days,
    }


def _url(row: JourneyRow) -> str:
    try:
        return reverse("journey", args=[row.id])
    except NoReverseMatch:
        return ""
