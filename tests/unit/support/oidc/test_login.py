"""Signing in to another system: the whole way, and everything that is tried against it."""

import json
from collections.abc import Callable
from datetime import timedelta

from django.test import Client as Browser
from django.utils import timezone
from joserfc import jwt as jose
from joserfc.jwk import KeySet

from tests import world as w
from tests.unit.support.oidc.conftest import BYE, CALLBACK, LetIn, told
from tests.world import World
from yiwang.kernel.audit import queries as audit
from yiwang.kernel.base.contracts import SYSTEM
from yiwang.kernel.people import actions as people
from yiwang.support.login.contracts import Assurance
from yiwang.support.oidc import actions
from yiwang.support.oidc.contracts import ClientKind, Ground
from yiwang.support.oidc.models import Code, Visit

As = Callable[[str], Browser]


def read(token: str) -> tuple[dict[str, object], dict[str, object]]:
    """Header and claims of an ID token, checked with the published keys by another library."""
    keys = KeySet.import_key_set(Browser().get("/oidc/keys").json())
    found = jose.decode(token, keys, algorithms=["RS256"])
    return found.header, found.claims


def test_the_whole_way(let_in: LetIn, world: World) -> None:
    system = let_in()
    page = system.browser.get(system.address())
    said = page.content.decode()
    assert "安澜市图书馆" in said
    assert "借书还书" in said
    assert "您的姓名" in said
    assert world.mother.name not in said
    assert "陈**" in said
    assert "https://library.example" in page["Content-Security-Policy"]
    answer = system.agree()
    assert answer["state"] == "s1"
    assert answer["iss"] == "http://testserver"
    found = system.change(answer["code"])
    assert found["Cache-Control"] == "no-store"
    tokens = found.json()
    header, claims = read(tokens["id_token"])
    assert claims["aud"] == system.credentials.client_id
    assert claims["nonce"] == "n1"
    assert claims["acr"] == "urn:yiwang:acr:1"
    assert claims["amr"] == ["pwd"]
    assert header["alg"] == "RS256"
    assert "name" not in claims
    told_to = system.claims(tokens["access_token"]).json()
    assert told_to == {"sub": claims["sub"], "name": world.mother.name}


def test_what_was_told_is_on_the_persons_page(let_in: LetIn, world: World) -> None:
    system = let_in()
    tokens = system.tokens()
    system.claims(tokens["access_token"])
    system.claims(tokens["access_token"])
    (line,) = audit.disclosures_of(world.mother.subject_key).items
    assert line.elements == ("person.name",) or list(line.elements) == ["person.name"]
    assert "安澜市图书馆" in line.purpose
    assert "读者服务规则" in line.authority


def test_consent_is_asked_once_and_again_for_more(let_in: LetIn) -> None:
    system = let_in()
    system.agree()
    assert "code" in told(system.browser.get(system.address()))
    assert system.browser.get(system.address(scope="openid profile phone")).status_code == 200
    assert told(system.browser.get(system.address(scope="openid profile phone", prompt="none")))["error"] == (
        "consent_required"
    )
    assert system.browser.get(system.address(prompt="consent")).status_code == 200


def test_no_is_no(let_in: LetIn) -> None:
    system = let_in()
    answer = told(system.browser.post(system.address(), {"answer": "no"}))
    assert answer["error"] == "access_denied"
    assert not Visit.objects.exists()


def test_legal_duty_needs_no_consent(let_in: LetIn) -> None:
    system = let_in(ground=Ground.DUTY)
    assert "code" in told(system.browser.get(system.address()))


def test_every_client_knows_a_person_by_another_name(let_in: LetIn) -> None:
    one, other = let_in(), let_in()
    subjects = [read(each.tokens()["id_token"])[1]["sub"] for each in (one, other, one)]
    assert subjects[0] == subjects[2] != subjects[1]


def test_a_stranger_is_sent_to_sign_in_and_back(let_in: LetIn) -> None:
    system = let_in()
    system.browser = Browser()
    assert told(system.browser.get(system.address(prompt="none")))["error"] == "login_required"
    there = system.browser.get(system.address())["Location"]
    assert there.startswith("/login?as=person&next=%2Foidc%2Fresume")
    form = {"identifier": "13900000001", "password": w.PASSWORD, "as": "person"}
    back = system.browser.post(there, form)["Location"]
    assert back.startswith("/oidc/resume?")
    assert 'http-equiv="refresh"' in system.browser.get(back).content.decode()
    assert "code" in system.agree()


WRONG_REQUESTS: list[tuple[dict[str, str], str]] = [
    ({"response_type": "token"}, "unauthorized_client"),
    ({"response_type": "code id_token"}, "unauthorized_client"),
    ({"code_challenge": ""}, "invalid_request"),
    ({"code_challenge_method": "plain"}, "invalid_request"),
    ({"code_challenge": "short"}, "invalid_request"),
    ({"scope": "openid everything"}, "invalid_scope"),
    ({"prompt": "none login"}, "invalid_request"),
]


def test_a_wrong_request_is_told_to_the_client(let_in: LetIn) -> None:
    system = let_in()
    found = [told(system.browser.get(system.address(**wrong)))["error"] for wrong, _ in WRONG_REQUESTS]
    assert found == [error for _, error in WRONG_REQUESTS]


STRANGE_REQUESTS: list[dict[str, str]] = [
    {"client_id": "yw-0000000000000000"},
    {"client_id": "\x00"},
    {"redirect_uri": "https://evil.example/callback"},
    {"redirect_uri": CALLBACK + "/more"},
    {"redirect_uri": CALLBACK + "?more=1"},
    {"redirect_uri": "javascript:alert(1)"},
    {"state": "x" * 9000},
]


def test_nobody_is_sent_to_an_address_that_is_not_registered(let_in: LetIn) -> None:
    system = let_in()
    for wrong in STRANGE_REQUESTS:
        answer = system.browser.get(system.address(**wrong))
        assert answer.status_code == 400, wrong
        assert "Location" not in answer


def test_a_code_works_once_and_a_second_time_ends_everything(let_in: LetIn) -> None:
    system = let_in()
    code = system.code()
    tokens = system.change(code).json()
    assert system.is_good(tokens["access_token"])
    again = system.change(code)
    assert again.status_code == 400
    assert again.json()["error"] == "invalid_grant"
    assert not system.is_good(tokens["access_token"])
    assert system.refresh(tokens["refresh_token"]).json()["error"] == "invalid_grant"
    assert Visit.objects.get().ending == "reused"


WRONG_EXCHANGES: list[tuple[dict[str, str], str]] = [
    ({"code_verifier": "w" * 64}, "invalid_grant"),
    ({"code_verifier": "v" * 20}, "invalid_grant"),
    ({"code_verifier": "v" * 5000}, "invalid_grant"),
    ({"redirect_uri": BYE}, "invalid_request"),
    ({"code": "forged"}, "invalid_grant"),
    ({"client_secret": "wrong"}, "invalid_client"),
    ({"client_id": "yw-0000000000000000"}, "invalid_client"),
    ({"code": "x" * 20000}, "invalid_request"),
]


def test_a_wrong_exchange_gives_nothing(let_in: LetIn) -> None:
    system = let_in()
    for wrong, error in WRONG_EXCHANGES:
        found = system.change(**({"code": system.code()} | wrong))
        assert found.status_code in (400, 401), wrong
        assert found.json()["error"] == error, wrong


def test_without_a_verifier_nothing_is_given(let_in: LetIn) -> None:
    system = let_in()
    form = {"grant_type": "authorization_code", "code": system.code(), "redirect_uri": CALLBACK}
    assert system.post("token", **form).status_code == 400


def test_a_code_is_only_for_the_client_that_asked(let_in: LetIn) -> None:
    one, other = let_in(), let_in()
    assert other.change(one.code()).json()["error"] == "invalid_grant"
    tokens = one.tokens()
    assert other.refresh(tokens["refresh_token"]).json()["error"] == "invalid_grant"
    assert not other.is_good(tokens["access_token"])
    other.post("revoke", token=tokens["refresh_token"])
    assert one.is_good(tokens["access_token"])


def test_a_code_lasts_a_minute(let_in: LetIn) -> None:
    system = let_in()
    code = system.code()
    Code.objects.update(expires=timezone.now() - timedelta(seconds=1))
    assert system.change(code).json()["error"] == "invalid_grant"


def test_a_refresh_token_works_once_and_a_second_time_ends_the_family(let_in: LetIn) -> None:
    system = let_in()
    first = system.tokens()
    second = system.refresh(first["refresh_token"]).json()
    assert not system.is_good(first["access_token"])
    assert system.is_good(second["access_token"])
    assert read(second["id_token"])[1]["sid"] == read(first["id_token"])[1]["sid"]
    assert system.refresh(first["refresh_token"]).json()["error"] == "invalid_grant"
    assert not system.is_good(second["access_token"])
    assert system.refresh(second["refresh_token"]).json()["error"] == "invalid_grant"


def test_no_more_is_given_for_a_refresh_token_than_was_agreed(let_in: LetIn) -> None:
    system = let_in()
    tokens = system.tokens(scope="openid profile")
    form = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"], "scope": "openid phone"}
    assert system.post("token", **form).json()["error"] == "invalid_scope"


def test_nothing_that_opens_anything_is_kept(let_in: LetIn) -> None:
    from django.db import connection

    system = let_in()
    tokens = system.tokens()
    code = system.code()
    with connection.cursor() as cursor:
        for table in ("oidc_client", "oidc_code", "oidc_accesstoken", "oidc_refreshtoken", "oidc_visit"):
            cursor.execute(f"SELECT to_jsonb(t)::text FROM {table} t")
            kept = str(cursor.fetchall())
            for secret in (code, tokens["access_token"], tokens["refresh_token"], system.credentials.secret):
                assert secret not in kept, table


def test_revoking(let_in: LetIn) -> None:
    system = let_in()
    tokens = system.tokens()
    assert system.post("revoke", token=tokens["access_token"]).status_code == 200
    assert not system.is_good(tokens["access_token"])
    again = system.refresh(tokens["refresh_token"]).json()
    system.post("revoke", token=again["refresh_token"])
    assert not system.is_good(again["access_token"])


def test_tokens_in_addresses_and_forged_ones_open_nothing(let_in: LetIn) -> None:
    system = let_in()
    tokens = system.tokens()
    assert Browser().get("/oidc/userinfo", {"access_token": tokens["access_token"]}).status_code == 401
    for forged in ("", "x", tokens["access_token"][:-1], tokens["refresh_token"], tokens["id_token"]):
        assert system.claims(forged).status_code == 401
    assert system.browser.get(
        "/api/login/whoami", headers={"Authorization": f"Bearer {tokens['access_token']}"}
    ).json()["kind"] == ("anonymous")


def test_levels_are_asked_for_and_met(let_in: LetIn) -> None:
    system = let_in()
    code_level = "urn:yiwang:acr:2"
    assert told(system.browser.get(system.address(acr_values=code_level, prompt="none")))["error"] == "login_required"
    there = system.browser.get(system.address(acr_values=code_level))["Location"]
    assert there.startswith("/login/confirm?level=2")
    page = system.browser.post(there, {"method": "sms"})
    code = page.content.decode().split('id="demo-code">')[1].split("<")[0]
    assert (
        system.browser.post(there, {"method": "sms", "secret": "000000" if code != "000000" else "111111"}).status_code
        == 422
    )
    assert system.browser.post(there, {"method": "sms", "secret": code})["Location"].startswith("/oidc/resume?")
    claims = read(system.tokens(acr_values=code_level)["id_token"])[1]
    assert claims["acr"] == code_level
    assert claims["amr"] == ["pwd", "sms"]


def test_a_scope_and_a_client_ask_for_their_levels(let_in: LetIn) -> None:
    system = let_in()
    assert "/login/confirm?level=2" in system.browser.get(system.address(scope="openid identity"))["Location"]
    careful = let_in(level=Assurance.PASSKEY)
    there = careful.browser.get(careful.address())["Location"]
    assert "level=3" in there
    assert "还没有这么可靠的登录方式" in careful.browser.get(there).content.decode()


def test_max_age_and_prompt_login_ask_again(let_in: LetIn) -> None:
    system = let_in()
    system.agree()
    for more in ({"max_age": "0"}, {"prompt": "login"}):
        there = system.browser.get(system.address(**more))["Location"]
        assert there.startswith("/login/confirm?level=1")
        assert system.browser.post(there, {"method": "pwd", "secret": "wrong"}).status_code == 422
        back = system.browser.post(there, {"method": "pwd", "secret": w.PASSWORD})["Location"]
        assert "code" in told(system.browser.get(back.replace("/resume?", "/authorize?")))
        assert "/login/confirm" in system.browser.get(system.address(**more))["Location"]


def test_an_agent_signs_in_for_a_firm_until_the_authority_ends(let_in: LetIn, world: World) -> None:
    mandate = world.mandate(world.firm, "neighbour")
    system = let_in("neighbour")
    system.browser.post("/login/acting", {"mandate": mandate.id})
    tokens = system.tokens(scope="openid profile firm")
    found = system.claims(tokens["access_token"]).json()
    assert found["firm_name"] == world.firm.name
    assert found["firm_uscc"] == world.firm.id_number
    assert found["name"] == world.neighbour.name
    people.revoke_mandate(mandate_id=mandate.id, by=SYSTEM, at=timezone.now())
    assert system.claims(tokens["access_token"]).status_code == 401
    assert system.refresh(tokens["refresh_token"]).json()["error"] == "invalid_grant"


def test_staff_sign_in_with_their_posts(let_in: LetIn, world: World) -> None:
    system = let_in("health.clerk", audiences=("staff",))
    found = system.claims(system.tokens(scope="openid staff profile")["access_token"]).json()
    assert found["posts"][0]["unit"] == "临江区卫生健康局"
    assert "name" not in found
    system.browser = Browser()
    assert "/login?as=staff" in system.browser.get(system.address())["Location"]


def test_a_client_for_staff_is_not_for_residents(let_in: LetIn) -> None:
    system = let_in(audiences=("staff",))
    page = system.browser.get(system.address())
    assert page.status_code == 403
    assert "error=access_denied" in page.content.decode()
    assert system.browser.post(system.address(), {"answer": "yes"}).status_code == 403


def test_a_service_calls_in_its_own_name(let_in: LetIn) -> None:
    system = let_in(
        kind=ClientKind.SERVICE, audiences=(), scopes=("introspection",), redirect_uris=(), post_logout_redirect_uris=()
    )
    token = system.post("token", grant_type="client_credentials").json()["access_token"]
    who = Browser().get("/api/login/whoami", headers={"Authorization": f"Bearer {token}"}).json()
    assert who["kind"] == "machine"
    assert who["name"] == "安澜市图书馆"
    assert system.claims(token).status_code == 401
    other = let_in()
    assert system.is_good(other.tokens()["access_token"])
    assert other.post("token", grant_type="client_credentials").json()["error"] == "unauthorized_client"
    actions.stop_client(client_id=system.pk, grounds="停用", by=SYSTEM, at=timezone.now())
    assert (
        Browser().get("/api/login/whoami", headers={"Authorization": f"Bearer {token}"}).json()["kind"] == "anonymous"
    )
    assert system.post("token", grant_type="client_credentials").status_code == 401


def test_a_public_client_has_no_secret_but_must_prove_its_request(let_in: LetIn) -> None:
    system = let_in(kind=ClientKind.PUBLIC)
    assert system.credentials.secret == ""
    assert system.change(system.code(), code_verifier="w" * 64).json()["error"] == "invalid_grant"
    assert "id_token" in system.tokens()


def test_pages_of_public_clients_read_answers_and_no_other_pages(let_in: LetIn) -> None:
    own, allowed = "https://library.example", "Access-Control-Allow-Origin"
    browser, answers = Browser(), []
    let_in()
    assert allowed not in browser.options("/oidc/userinfo", headers={"Origin": own}), "it has a server"
    system = let_in(kind=ClientKind.PUBLIC, title="借书小程序")
    for origin in (own, "https://library.exampl", "https://evil.example", "null", "http://library.example"):
        asked = browser.options("/oidc/userinfo", headers={"Origin": origin})
        token = browser.post("/oidc/token", {"client_id": system.credentials.client_id}, headers={"Origin": origin})
        told = browser.get("/oidc/userinfo", headers={"Origin": origin})
        answers.append([each.get(allowed) for each in (asked, token, told)])
        assert all("Origin" in each["Vary"] for each in (asked, told))
    assert answers == [[own, None, own], *[[None] * 3] * 4]
    assert asked["Access-Control-Allow-Headers"] == "Authorization"
    form = "application/x-www-form-urlencoded"
    given = browser.post("/oidc/token", "grant_type=authorization_code", content_type=form, headers={"Origin": own})
    assert (given.status_code, given[allowed]) == (400, own)


def test_bodies_that_are_no_forms_are_refused(let_in: LetIn) -> None:
    let_in()
    body = json.dumps({"grant_type": "client_credentials"})
    assert Browser().post("/oidc/token", body, content_type="application/json").status_code == 400


def test_no_password_is_taken_from_a_client(let_in: LetIn) -> None:
    found = let_in().post("token", grant_type="password", username="health.clerk", password=w.PASSWORD)
    assert found.status_code == 400
    assert found.json()["error"] == "invalid_grant"


def test_whoever_signs_in_for_it_is_not_asked_a_second_time(let_in: LetIn) -> None:
    system = let_in()
    system.browser = Browser()
    there = system.browser.get(system.address(prompt="login", max_age="0"))["Location"]
    form = {"identifier": "13900000001", "password": w.PASSWORD, "as": "person"}
    back = system.browser.post(there, form)["Location"].replace("/resume?", "/authorize?")
    assert "code" in told(system.browser.post(back, {"answer": "yes"}))
    forged = system.address(prompt="login", yw_since="2020-01-01T00:00:00+00:00:x:y")
    assert "/login/confirm" in system.browser.get(forged)["Location"]
