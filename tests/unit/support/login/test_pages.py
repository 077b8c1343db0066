"""The sign-in pages and the account pages over HTTP, and what a sitting survives."""

import re
from collections.abc import Callable
from datetime import timedelta
from urllib.parse import quote

import pyotp
import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from tests import world as w
from tests.world import World
from yiwang.kernel.base.contracts import SYSTEM
from yiwang.kernel.people import actions as people
from yiwang.kernel.people import queries as people_queries
from yiwang.support.login.models import SecondFactor, Sitting

As = Callable[[str], Client]


def sign_in(client: Client, identifier: str, **more: str) -> object:
    return client.post("/login", {"identifier": identifier, "password": w.PASSWORD, "as": "person"} | more)


def who(client: Client) -> dict[str, object]:
    answer = client.get("/api/login/whoami")
    assert answer.status_code == 200
    return answer.json()  # type: ignore[no-any-return]


@pytest.mark.parametrize(
    "address",
    ["/login", "/login?as=firm", "/login?as=staff", "/login/by-code", "/login/register", "/login/new-password"],
)
def test_the_pages_show_to_anybody_in_both_languages(world: World, client: Client, address: str) -> None:
    chinese, english = client.get(address), client.get(address, headers={"Accept-Language": "en"})
    assert chinese.status_code == english.status_code == 200
    main = re.sub(r"<[^>]+>|\s+", "", english.content.decode().split("<main")[1].split("</main>")[0])
    assert not re.search(r"[\u4e00-\u9fff]", main), main


def test_the_account_pages_show_in_english(world: World, client_as: As) -> None:
    world.mandate(world.firm, "neighbour")
    world.mandate(world.neighbour, "father")
    for address in ("/account", "/login/acting", "/login/enrol"):
        page = client_as("neighbour").get(address, headers={"Accept-Language": "en"}).content.decode()
        main = re.sub(r"<[^>]+>", "", page.split("<main")[1].split("</main>")[0])
        for name in (world.firm.name, "周*", "林**", "林*"):
            main = main.replace(name, "")
        assert not re.search(r"[\u4e00-\u9fff]+", main), re.findall(r"[\u4e00-\u9fff]+", main)


def test_signing_in_leads_to_where_one_wanted_to_go_on_this_site_only(world: World, client: Client) -> None:
    there = quote("/account?x=1")
    assert sign_in(client, "13900000001", next="/account?x=1").url == "/account?x=1"  # type: ignore[attr-defined]
    assert who(client)["account_id"] == world.account("mother").id
    assert client.get(f"/login?next={there}").status_code == 200
    away = sign_in(Client(), "13900000001", next="https://evil.example/")
    assert "evil" not in away.url  # type: ignore[attr-defined]


def test_a_wrong_password_says_so_beside_the_field_and_keeps_the_name(world: World, client: Client) -> None:
    answer = client.post("/login", {"identifier": "13900000001", "password": "wrong", "as": "person"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert 'href="#f-password"' in page
    assert 'value="13900000001"' in page
    assert "wrong" not in page.split("<main")[1].replace("yw-notice-wrong", "")
    assert who(client)["kind"] == "anonymous"


def test_the_session_key_changes_at_sign_in_and_the_row_holds_no_person(world: World, client: Client) -> None:
    client.get("/login")
    sign_in(client, "13900000001", next="")
    before = client.cookies["sessionid"].value
    sign_in(client, "13900000001")
    assert client.cookies["sessionid"].value != before
    row = Sitting.objects.get()
    assert row.account_id == world.account("mother").id
    assert world.mother.name not in str(row.get_decoded())


def test_a_page_for_members_sends_a_visitor_to_sign_in_and_back(world: World, client: Client) -> None:
    answer = client.get("/account")
    assert answer["Location"] == "/login?next=/account"


def test_signing_out_takes_a_post(world: World, client_as: As) -> None:
    client = client_as("mother")
    client.get("/logout")
    assert who(client)["kind"] == "resident"
    client.post("/logout")
    assert who(client)["kind"] == "anonymous"


def test_a_sitting_ends_by_rest_by_age_and_by_a_new_password(world: World, client_as: As) -> None:
    def changed(client: Client, key: str, ago: timedelta) -> object:
        session = client.session
        session[key] = (timezone.now() - ago).isoformat()
        session.save()
        return who(client)["kind"]

    assert changed(client_as("health.clerk"), "seen_at", timedelta(minutes=29)) == "staff"
    assert changed(client_as("health.clerk"), "seen_at", timedelta(minutes=31)) == "anonymous"
    assert changed(client_as("mother"), "seen_at", timedelta(minutes=31)) == "resident"
    assert changed(client_as("mother"), "seen_at", timedelta(minutes=61)) == "anonymous"
    assert changed(client_as("health.clerk"), "opened_at", timedelta(hours=11)) == "anonymous"
    client = client_as("mother")
    people.set_password(account_id=world.account("mother").id, password="plum-tree-88", by=SYSTEM, at=w.AT)
    assert who(client)["kind"] == "anonymous"


def test_a_closed_account_s_sitting_is_over(world: World, client_as: As) -> None:
    client = client_as("health.clerk")
    people.set_active(account_id=world.account("health.clerk").id, is_active=False, by=SYSTEM, at=w.AT)
    assert who(client)["kind"] == "anonymous"


def test_a_request_costs_one_query_and_a_public_page_without_a_cookie_none(
    world: World, client_as: As, client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    member = client_as("health.clerk")
    with django_assert_num_queries(1):
        who(member)
    with django_assert_num_queries(0):
        who(client)


def test_my_account_shows_masked_values_and_ends_other_devices(world: World, client_as: As) -> None:
    here, there = client_as("mother"), client_as("mother")
    page = here.get("/account").content.decode()
    assert world.mother.id_number not in page
    assert "139****0001" in page
    assert page.count("让它退出") == 1
    here.post("/account/sittings/end")
    assert who(there)["kind"] == "anonymous"
    assert who(here)["kind"] == "resident"


def test_nobody_ends_another_s_sitting(world: World, client_as: As) -> None:
    mother, father = client_as("mother"), client_as("father")
    key = re.search(r'name="key" value="(\w+)"', (client_as("mother"), mother.get("/account"))[1].content.decode())
    assert key is not None
    father.post("/account/sittings/end", {"key": key[1]})
    assert Sitting.objects.filter(account_id=world.account("mother").id).count() == 2


def test_changing_the_password_keeps_this_device_only(world: World, client_as: As) -> None:
    here, there = client_as("mother"), client_as("mother")
    wrong = here.post("/account/password", {"old": "x", "password": "plum-tree-88"})
    assert wrong.status_code == 422
    here.post("/account/password", {"old": w.PASSWORD, "password": "plum-tree-88"})
    assert (who(here)["kind"], who(there)["kind"]) == ("resident", "anonymous")


def test_a_steward_must_set_up_a_second_factor_before_getting_in(world: World, client: Client) -> None:
    answer = sign_in(client, "city.steward", **{"as": "staff"})
    assert answer.url == "/login/enrol"  # type: ignore[attr-defined]
    assert who(client)["kind"] == "anonymous"
    page = client.get("/login/enrol").content.decode()
    secret = SecondFactor.objects.get().secret
    assert secret in page
    assert "<svg" in page
    assert client.post("/login/enrol", {"code": "000000"}).status_code == 422
    done = client.post("/login/enrol", {"code": pyotp.TOTP(secret).now()})
    assert len(re.findall(r"<code>[a-z2-9]{4}-[a-z2-9]{4}</code>", done.content.decode())) == 8
    assert who(client)["kind"] == "staff"


def test_the_code_is_asked_after_the_password_and_opens_the_sitting(world: World, client: Client) -> None:
    secret = pyotp.random_base32()
    SecondFactor.objects.create(
        account_id=world.account("mother").id, secret=secret, created_at=w.AT, confirmed_at=w.AT
    )
    assert client.get("/login/second-factor").url == "/login"  # type: ignore[attr-defined]
    answer = sign_in(client, "13900000001", next="/account")
    assert answer.url == "/login/second-factor?next=%2Faccount"  # type: ignore[attr-defined]
    assert who(client)["kind"] == "anonymous"
    assert client.post("/login/second-factor", {"code": "000000"}).status_code == 422
    done = client.post("/login/second-factor", {"code": pyotp.TOTP(secret).now(), "next": "/account"})
    assert done.url == "/account"  # type: ignore[attr-defined]
    assert who(client)["account_id"] == world.account("mother").id


def test_registering_in_two_steps(world: World, client: Client) -> None:
    page = client.post("/login/register", {"phone": "13811112222"}).content.decode()
    code = re.search(r'id="demo-code">(\d{6})<', page)
    assert code is not None
    given = {
        "phone": "13811112222",
        "code": code[1],
        "name": "王小云",
        "id_number": w.make_id_number("990102199501012", 34),
        "password": "plum-tree-88",
    }
    assert client.post("/login/register", given).status_code == 302
    assert who(client)["kind"] == "resident"


def test_acting_for_somebody_and_back(world: World, client: Client) -> None:
    mandate = world.mandate(world.mother, "neighbour")
    assert sign_in(client, "13900000003").url == "/login/acting"  # type: ignore[attr-defined]
    assert "陈晓岚" not in client.get("/login/acting").content.decode()
    client.post("/login/acting", {"mandate": str(mandate.id)})
    assert (who(client)["kind"], who(client)["acting_for"]) == ("agent", world.mother.id)
    people.revoke_mandate(mandate_id=mandate.id, by=SYSTEM, at=timezone.now())
    assert (who(client)["kind"], who(client)["acting_for"]) == ("resident", world.neighbour.id)
    assert client.post("/login/acting", {"mandate": str(mandate.id)}).status_code == 409


def test_giving_and_taking_back_authority_online(world: World, client_as: As) -> None:
    mother, neighbour = client_as("mother"), client_as("neighbour")
    wrong = mother.post("/account/mandates", {"agent": "13999999999", "scope": "*", "ends_on": ""})
    assert wrong.status_code == 422
    assert wrong.content.decode().count("yw-error") >= 2
    day = (timezone.localdate() + timedelta(days=30)).isoformat()
    mother.post("/account/mandates", {"agent": "13900000003", "scope": "*", "ends_on": day})
    (mandate,) = people_queries.mandates_from(world.mother.id)
    assert "周**" in mother.get("/account").content.decode() or "周*" in mother.get("/account").content.decode()
    assert "谁授权了我" in neighbour.get("/account").content.decode()
    assert client_as("father").post(f"/account/mandates/{mandate.id}/revoke").status_code == 403
    mother.post(f"/account/mandates/{mandate.id}/revoke")
    assert people_queries.mandates_of(world.account("neighbour").id) == []


def test_handing_a_post_over_on_the_desk(world: World, client_as: As) -> None:
    health = world.org("health")
    people.appoint(
        account_id=world.account("health.reviewer").id,
        org_id=health.id,
        post_type="window-clerk",
        title="综窗受理员",
        since=w.MADE_AT.date(),
        is_backup=True,
        by=SYSTEM,
        at=w.AT,
    )
    clerk = client_as("health.clerk")
    page = clerk.get("/desk/handover").content.decode()
    (holding,) = re.findall(r'<option value="(\d+)"', page)
    today = timezone.localdate().isoformat()
    assert clerk.post("/desk/handover", {"holding": "", "starts_on": today, "ends_on": today}).status_code == 422
    clerk.post("/desk/handover", {"holding": holding, "starts_on": today, "ends_on": today, "reason": "年休假"})
    backup = people_queries.actor_of(world.account("health.reviewer").id)
    assert {post.post_type for post in backup.posts} == {"reviewer", "window-clerk"}
    refused = client_as("other-health.clerk").post(
        "/desk/handover", {"holding": holding, "starts_on": today, "ends_on": today}
    )
    assert refused.status_code == 403
    assert client_as("mother").get("/desk/handover").status_code == 403


def test_recording_a_paper_at_the_window(world: World, client_as: As) -> None:
    clerk = client_as("service-centre.clerk")
    assert clerk.get("/desk/mandate").status_code == 200
    given = {
        "kind": "firm",
        "name": world.firm.name,
        "id_number": world.firm.id_number,
        "agent": "13900000003",
        "scope": "*",
        "ends_on": (timezone.localdate() + timedelta(days=30)).isoformat(),
        "document_no": "授权〔2026〕7号",
    }
    assert clerk.post("/desk/mandate", given | {"document_no": ""}).status_code == 422
    assert clerk.post("/desk/mandate", given).status_code == 302
    assert [m.principal_id for m in people_queries.mandates_of(world.account("neighbour").id)] == [world.firm.id]
    assert client_as("health.reviewer").get("/desk/mandate").status_code == 403
