"""What the chrome shows: the portal's name, navigation, rail entries, well-known addresses."""

from django.urls import NoReverseMatch, reverse

from yiwang.kernel.base.contracts import Actor
from yiwang.kernel.design.contracts import Portal, RailGroup, registered_nav, registered_rail

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
    "desk",
    "desk-search",
)


def portal() -> Portal:
    return Portal()


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
    """Groups of the staff rail for this actor, in order."""
    groups = [group for source in registered_rail() for group in source(by)]
    return sorted((g for g in groups if g.items), key=lambda g: g.order)
