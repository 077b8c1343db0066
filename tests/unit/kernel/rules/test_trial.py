"""Trying a rule: the list, the form of its facts, its own examples, the answer with reasons; for posts that may, and kept nowhere."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal

from django.test import Client

from tests.journeys.outside_world import as_json
from tests.world import World
from yiwang.kernel.packs import queries as packs
from yiwang.kernel.rules import _trial, queries

As = Callable[[str], Client]
RULE = "anlan.health.senior-card-rule"


def test_the_list_names_every_rule(world: World, client_as: As) -> None:
    page = client_as("health.reviewer").get("/desk/rules").content.decode()
    for pack in queries.all_rules():
        assert f'href="/desk/rules/{pack.id}"' in page
    assert "《老年人权益保障法》第二条" in page
    found = client_as("health.reviewer").get("/desk/rules?q=优待证").content.decode()
    assert RULE in found
    assert "national.residence.permit" not in found


def test_only_posts_that_may_try_do(world: World, client_as: As) -> None:
    for who in ("mother", "city.leader"):
        assert client_as(who).get("/desk/rules").status_code == 403
        assert client_as(who).get(f"/desk/rules/{RULE}").status_code == 403
        assert client_as(who).get("/api/desk/rules").status_code == 403
        assert client_as(who).post(f"/api/desk/rules/{RULE}/try", **as_json({})).status_code == 403
    assert Client().get("/api/desk/rules").status_code == 401
    assert client_as("health.reviewer").get("/desk/rules/no.such.rule").status_code == 404


def test_the_form_has_a_question_for_each_fact_and_answers_with_reasons(world: World, client_as: As) -> None:
    reviewer = client_as("health.reviewer")
    page = reviewer.get(f"/desk/rules/{RULE}?on=2026-11-23").content.decode()
    for name in ("born_on", "is_registered_here", "has_residence_permit", "holds_card"):
        assert f'name="fact.{name}"' in page
    assert 'value="2026-11-23"' in page
    assert "结论" not in page
    sent = {"on": "2026-11-23", "fact.born_on": "1966-11-24", "fact.is_registered_here": "true", "fact.holds_card": ""}
    page = reviewer.post(f"/desk/rules/{RULE}", sent).content.decode()
    assert "不符合" in page.partition("</section>")[0]
    assert "出生日期：1966-11-24" in page
    assert "已有有效的优待证：<strong>未知</strong>" in page
    sent["fact.born_on"] = "1966-11-23"
    page = reviewer.post(f"/desk/rules/{RULE}", sent).content.decode()
    assert "还不能确定" in page.partition("</section>")[0]
    assert "还缺：已有有效的优待证" in page


def test_an_example_of_the_pack_comes_to_what_it_says(world: World, client_as: As) -> None:
    """Every example of every rule, as its button would."""
    tried = 0
    for pack in queries.all_rules():
        for number, example in enumerate(pack.body.examples):
            found = _trial.example(pack, number)
            assert found is not None
            facts, on = found
            decision = queries.of_pack(pack, on=on).decide(facts)
            assert decision.answer is example.then, (pack.id, number)
            for name, value in (example.outputs or {}).items():
                got = decision.outputs[name]
                assert (Decimal(str(value)) if isinstance(got, Decimal | int) else value) == got, (pack.id, number)
            tried += 1
    assert tried > 50
    page = client_as("health.reviewer").post(f"/desk/rules/{RULE}", {"example": "0"}).content.decode()
    assert 'value="1966-11-23"' in page
    assert "满六十周岁当天" in page


def test_an_example_that_is_not_there_is_an_empty_form(world: World, client_as: As) -> None:
    reviewer = client_as("health.reviewer")
    for number in ("99", "abc", "-1", ""):
        answer = reviewer.post(f"/desk/rules/{RULE}", {"example": number})
        assert answer.status_code == 200, number
        assert 'value="1966-' not in answer.content.decode()


def test_every_rule_has_a_page_on_a_day_that_its_parameters_know(world: World, client_as: As) -> None:
    reviewer = client_as("health.reviewer")
    for pack in queries.all_rules():
        day = max(queries.of_pack(pack).on, date(2026, 11, 23))
        answer = reviewer.get(f"/desk/rules/{pack.id}?on={day}")
        assert answer.status_code == 200, pack.id


def test_a_day_without_a_parameter_is_told(world: World, client_as: As) -> None:
    with_parameters = [pack for pack in queries.all_rules() if pack.body.parameters]  # type: ignore[attr-defined]
    assert with_parameters
    answer = client_as("health.reviewer").get(f"/desk/rules/{with_parameters[0].id}?on=1900-01-01")
    assert answer.status_code == 404
    assert "没有数" in answer.content.decode()


def test_json_answers_with_reasons(world: World, client_as: As) -> None:
    reviewer = client_as("health.reviewer")
    assert RULE in {row["id"] for row in reviewer.get("/api/desk/rules").json()}
    body = {"on": "2026-11-23", "facts": {"born_on": "1966-11-24", "is_registered_here": True, "holds_card": False}}
    answer = reviewer.post(f"/api/desk/rules/{RULE}/try", **as_json(body)).json()
    assert (answer["answer"], answer["failed"], answer["on"]) == ("not-met", ["sixty"], "2026-11-23")
    assert [(each["code"], each["answer"]) for each in answer["reasons"]] == [
        ("sixty", "not-met"),
        ("local", "met"),
        ("first", "met"),
    ]
    assert answer["hash"] == packs.get("Rule", RULE).hash
    assert reviewer.post("/api/desk/rules/no.such/try", **as_json({})).status_code == 404
    assert reviewer.post(f"/api/desk/rules/{RULE}/try", **as_json({"facts": {"born_on": []}})).status_code == 422
