"""What a mandate can be limited to: everything, or one of the journeys that packs define."""

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from yiwang.kernel.packs import queries as packs
from yiwang.kernel.people.contracts import ANYTHING

_JOURNEY = "Journey"


def scopes() -> list[tuple[str, str]]:
    """Choices as (scope, name in the reader's language)."""
    journeys = [(pack.id, pack.title.in_language(get_language())) for pack in packs.all_of(_JOURNEY)]
    return [(ANYTHING, _("全部事项")), *journeys]
