"""The account's own telephone is offered to its holder's form; what is typed stands, and nobody else's is told."""

from datetime import date

import pytest

from tests.world import World
from yiwang.kernel.forms import actions, queries
from yiwang.kernel.forms.contracts import AnswersInvalid, FormDef, Known, Subject

TODAY = date(2026, 11, 23)
FORM = "anlan.health.senior-form"
REGISTERED = {
    "name": "陈晓岚",
    "id_number": "11010519491231002X",
    "sex": "2",
    "born_on": "1949-12-31",
    "registered_address": "安澜市临江区江畔街道柳岸社区7号",
}


@pytest.fixture
def form(world: World) -> FormDef:
    return queries.get(FORM)


def known(world: World, form: FormDef, subject: Subject, who: str = "mother") -> dict[str, Known]:
    held = actions.prefill(form=form, subject=subject, by=world.actor(who), at=world.at)
    fixed = {name: Known(value, value, "population", "户籍信息", TODAY) for name, value in REGISTERED.items()}
    return fixed | held


def mother(world: World) -> Subject:
    return Subject(world.mother.id, world.mother.id_number, "person")


def test_the_holders_telephone_is_offered_and_fills_what_is_blank(world: World, form: FormDef) -> None:
    offered = known(world, form, mother(world))
    assert (offered["phone"].value, offered["phone"].may_change) == (world.mother.phone, True)
    assert queries.validate(form, {"truthful": True}, known=offered, today=TODAY)["phone"] == world.mother.phone
    assert "phone" in queries.asked(form, {}, known=offered)


def test_what_is_typed_stands_and_is_checked(world: World, form: FormDef) -> None:
    offered = known(world, form, mother(world))
    typed = {"truthful": True, "phone": "13700000000"}
    assert queries.validate(form, typed, known=offered, today=TODAY)["phone"] == "13700000000"
    with pytest.raises(AnswersInvalid):
        queries.validate(form, {**typed, "phone": "137"}, known=offered, today=TODAY)
    assert queries.diff(form, typed, offered) == []


def test_nobody_elses_telephone_is_told(world: World, form: FormDef) -> None:
    about_her = Subject(None, world.mother.id_number, "person")
    assert "phone" not in known(world, form, about_her, who="father")
    assert "phone" not in known(world, form, mother(world), who="health.clerk")


def test_an_agent_is_offered_the_principals(world: World, form: FormDef) -> None:
    by = world.actor("neighbour", world.mandate(world.mother, "neighbour"))
    held = actions.prefill(form=form, subject=mother(world), by=by, at=world.at)
    assert held["phone"].value == world.mother.phone
