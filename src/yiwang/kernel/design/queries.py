"""What the chrome shows: the portal's name, navigation, rail entries, well-known addresses."""

from dataclasses import replace

from django.urls import NoReverseMatch, reverse
from django.utils.translation import get_language

from yiwang.kernel.base.contracts import Actor
from yiwang.kernel.design._paper import can_pdf as can_pdf
from yiwang.kernel.design._paper import pdf as pdf
from yiwang.kernel.design.contracts import Portal, RailGroup, registered_nav, registered_rail, registered_unread
from yiwang.kernel.design.kinds import PORTAL, PortalPack
from yiwang.kernel.packs import queries as packs
from yiwang.kernel.packs.contracts import Text

# Names under which apps above publish the addresses that every page links to.
WELL_KNOWN = (
    "home",
    "search",
    "login",
    "logout",
    "space",
    "inbox",
    "elder-home",
    "halls",
    "help",
    "ratings",
    "credit",
    "developers",
    "desk",
    "desk-search",
)


def portal() -> Portal:
    """The portal of the place in force, in the reader's language; a nameless one before packs are loaded."""
    found = packs.all_of(PORTAL)
    if not found:
        return Portal()
    place = packs.current().place
    pack = next((each for each in found if each.place == place), found[-1])
    body, language = pack.as_type(PortalPack), get_language()

    def said(text: Text | None) -> str:
        return text.in_language(language) if text else ""

    return Portal(
        title=body.title.in_language(language),
        subtitle=said(body.subtitle),
        organiser=said(body.organiser),
        operator=said(body.operator),
        telephone=body.telephone,
        telephone_note=said(body.telephone_note),
        notes=tuple(said(each) for each in body.notes),
        is_demo=body.demo,
    )


def address(url_name: str) -> str:
    """The path of a named page, empty where no app serves it."""
    try:
        return reverse(url_name)
    except NoReverseMatch:
        return ""


def addresses() -> dict[str, str]:
    return {name.replace("-", "_"): address(name) for name in WELL_KNOWN}


def navigation() -> list[tuple[str, str]]:
    """(title, path) of the citizen navigation, in order."""
    found = ((item.title, address(item.url_name)) for item in registered_nav())
    return [(title, path) for title, path in found if path]


def rail(by: Actor) -> list[RailGroup]:
    """Groups of the staff rail for this actor, in order; what several apps put under one title is one group."""
    groups = sorted((group for source in registered_rail() for group in source(by)), key=lambda group: group.order)
    joined: dict[str, RailGroup] = {}
    for group in groups:
        first = joined.get(group.title)
        joined[group.title] = replace(first, items=(*first.items, *group.items)) if first else group
    return [group for group in joined.values() if group.items]


def unread(by: Actor) -> int:
    """How many messages wait for this actor, over all that count them."""
    return sum(source(by) for source in registered_unread())
