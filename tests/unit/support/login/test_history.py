"""The person sees when somebody signed in as them, and when somebody tried."""

import re

from django.test import Client

from tests import world as w
from tests.world import World


def test_signing_in_and_wrong_attempts_are_shown_to_their_owner(world: World, client: Client) -> None:
    form = {"identifier": "13900000001", "password": w.PASSWORD, "as": "person"}
    for _ in range(4):
        client.post("/login", form | {"password": "wrong"})
    client.post("/login", form)
    page = client.get("/account/history").content.decode()
    assert page.count("密码输错") == 4
    assert len(re.findall(r"<td[^>]*>登录</td>", page)) == 1
    assert "账号锁定" not in page
    other = Client()
    other.post("/login", form | {"identifier": "13900000002"})
    assert "密码输错" not in other.get("/account/history").content.decode()


def test_a_lock_out_is_shown_and_the_account_leads_there(world: World, client: Client) -> None:
    form = {"identifier": world.mother.id_number, "password": w.PASSWORD, "as": "person"}
    for _ in range(5):
        client.post("/login", form | {"password": "wrong"})
    assert client.post("/login", form).status_code == 429
    client.post("/login", form | {"identifier": "13900000001"})
    assert "账号锁定15分钟" in client.get("/account/history").content.decode()
    account = client.get("/account").content.decode()
    assert 'href="/account/history"' in account
    assert 'href="/account/connections"' in account
