"""The scopes that packs declare: which of them a client may ask for, and what they come to."""

from collections.abc import Iterable
from typing import Any

from django.utils.translation import get_language
from oauth2_provider.scopes import BaseScopes

from yiwang.kernel.packs import queries as packs
from yiwang.support.login.contracts import Assurance
from yiwang.support.oidc._claims import CLAIMS
from yiwang.support.oidc.contracts import ScopeView
from yiwang.support.oidc.kinds import SCOPE, Scope


class PackScopes(BaseScopes):  # type: ignore[misc]
    """What django-oauth-toolkit asks for."""

    def get_all_scopes(self) -> dict[str, str]:
        return {pack.id: pack.title.zh for pack in packs.all_of(SCOPE)}

    def get_available_scopes(self, application: Any = None, request: Any = None, *args: Any, **more: Any) -> list[str]:
        return list(application.scopes) if application else sorted(self.get_all_scopes())

    def get_default_scopes(self, application: Any = None, request: Any = None, *args: Any, **more: Any) -> list[str]:
        return self.get_available_scopes(application)


def everything() -> list[ScopeView]:
    """Every scope of this place, by id."""
    return named(pack.id for pack in packs.all_of(SCOPE))


def named(ids: Iterable[str]) -> list[ScopeView]:
    """These scopes in the reader's language; one that no pack declares any more is left out."""
    found = (packs.find(SCOPE, each) for each in ids)
    return [_view(pack.id, pack.title.in_language(get_language()), pack.as_type(Scope)) for pack in found if pack]


def for_audience(ids: Iterable[str], audience: str) -> list[str]:
    """Of these scopes those that tell of such people at all."""
    return [each for each in ids if (pack := packs.find(SCOPE, each)) and audience in pack.as_type(Scope).audiences]


def claims_of(ids: Iterable[str]) -> list[str]:
    bodies = (pack.as_type(Scope) for each in ids if (pack := packs.find(SCOPE, each)))
    return [name for body in bodies for name in body.claims]


def level_of(ids: Iterable[str]) -> Assurance:
    """The level that the most demanding of these scopes asks for."""
    return max((view.level for view in named(ids)), default=Assurance.PASSWORD)


def _view(name: str, title: str, body: Scope) -> ScopeView:
    return ScopeView(
        id=name,
        title=title,
        says=body.says.in_language(get_language()),
        claims=tuple((each, CLAIMS[each].title) for each in body.claims if each in CLAIMS),
        level=Assurance(body.level),
    )
