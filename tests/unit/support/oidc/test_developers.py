"""The page for those who build other systems says what is so."""

import re

from django.test import Client as Browser

from tests.world import World
from yiwang.support.oidc import queries


def test_the_page_names_every_scope_and_its_own_addresses(world: World) -> None:
    page = Browser().get("/developers").content.decode()
    assert all(f"<code>{scope.id}</code>" in page for scope in queries.scopes())
    assert "http://testserver/.well-known/openid-configuration" in page
    for address in set(re.findall(r'href="http://testserver(/[^"]+)"|href="(/api/openapi[^"]*)"', page)):
        assert Browser().get("".join(address)).status_code == 200
    assert "ISSUER" not in page
