"""Parties, accounts, posts with their backups, and mandates."""

from datetime import date, timedelta

import pytest
from django.db import connection
from pytest_django import DjangoAssertNumQueries

from tests import world as w
from tests.world import World
from yiwang.kernel.base.contracts import SYSTEM, ActorKind
from yiwang.kernel.people import actions, queries
from yiwang.kernel.people.contracts import (
    AccountKind,
    AlreadyExists,
    AlreadyHeld,
    BadAccount,
    BadMandate,
    BadParty,
    BadPeriod,
    IdType,
    MandateKind,
    MandateOver,
    NewPost,
    NewStaff,
    NoSuchAccount,
    NotYours,
    OutOfScope,
    PartyKind,
    PartyView,
)

TODAY = w.AT.date()


def ensure(name: str, id_number: str, phone: str = "") -> PartyView:
    return actions.ensure_party(
        kind=PartyKind.PERSON,
        name=name,
        id_type=IdType.CITIZEN_ID,
        id_number=id_number,
        phone=phone,
        by=SYSTEM,
        at=w.AT,
    )


def test_a_party_is_made_once_and_found_by_its_number(world: World) -> None:
    again = ensure("陈晓岚", world.mother.id_number)
    assert again == world.mother == queries.find_party(f" {world.mother.id_number.lower()} ")
    assert queries.parties([world.mother.id, world.father.id])[world.father.id].name == "林建国"
    assert queries.find_party("nobody") is None


def test_a_number_known_under_another_name_is_refused_without_telling_the_name(world: World) -> None:
    with pytest.raises(BadParty) as wrong:
        ensure("陈小岚", world.mother.id_number)
    assert wrong.value.places[0].where == "name"
    assert "岚" not in str(wrong.value.places)


@pytest.mark.parametrize(
    ("one", "other"), [("阿依古丽·买买提", "阿依古丽•买买提"), ("欧阳 修", "欧阳修"), ("Li Lei", "LI LEI")]
)
def test_a_name_may_be_written_with_another_dot_or_space(db: None, one: str, other: str) -> None:
    number = w.make_id_number("990102199001010", 11)
    assert ensure(one, number).id == ensure(other, number).id


def test_wrong_numbers_and_phones_are_all_listed(db: None) -> None:
    with pytest.raises(BadParty) as wrong:
        ensure("", "990102199001010112", "12345")
    assert [place.where for place in wrong.value.places] == ["name", "id_number", "phone"]


def test_a_phone_is_added_but_never_replaced_in_passing(world: World) -> None:
    assert ensure("陈晓岚", world.mother.id_number, "13900000009").phone == "13900000001"
    fresh = ensure("某人", w.make_id_number("990102199001010", 11))
    assert ensure("某人", fresh.id_number, "13900000009").phone == "13900000009"


def test_personal_values_are_sealed_in_the_table(world: World) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT row_to_json(p)::text FROM people_party p WHERE id = %s", [world.mother.id])
        (text,) = cursor.fetchone()
    for value in (world.mother.name, world.mother.id_number, world.mother.phone):
        assert value not in text
        assert value.encode().hex() not in text


def test_correcting_a_party_is_for_itself_and_for_staff(world: World) -> None:
    mother, father = world.actor("mother"), world.actor("father")
    assert (
        actions.correct_party(party_id=world.mother.id, phone="13900000008", by=mother, at=w.AT).phone == "13900000008"
    )
    with pytest.raises(NotYours):
        actions.correct_party(party_id=world.mother.id, phone="13900000008", by=father, at=w.AT)
    with pytest.raises(NotYours):
        actions.correct_party(party_id=world.mother.id, name="陈岚", by=mother, at=w.AT)
    clerk = world.actor("police-household.clerk")
    assert actions.correct_party(party_id=world.mother.id, name="陈岚", by=clerk, at=w.AT).name == "陈岚"


def test_accounts_sign_in_by_number_phone_or_work_number_and_usernames_tell_nothing(world: World) -> None:
    mother = world.account("mother")
    assert [view.id for view in queries.accounts_named("13900000001")] == [mother.id]
    assert [view.id for view in queries.accounts_named(world.mother.id_number)] == [mother.id]
    assert [view.id for view in queries.accounts_named("health.clerk")] == [world.account("health.clerk").id]
    assert queries.accounts_named("nobody") == []
    assert not any(part in mother.username for part in (world.mother.id_number, world.mother.phone))


def test_one_account_a_party(world: World) -> None:
    with pytest.raises(AlreadyExists):
        actions.create_account(kind=AccountKind.RESIDENT, party_id=world.mother.id, by=SYSTEM, at=w.AT)
    with pytest.raises(BadAccount):
        actions.create_account(kind=AccountKind.RESIDENT, by=SYSTEM, at=w.AT)
    with pytest.raises(NotYours):
        actions.create_account(kind=AccountKind.STAFF, username="x", name="某", by=world.actor("mother"), at=w.AT)
    with pytest.raises(AlreadyExists):
        actions.create_staff(staff=[NewStaff("health.clerk", "某")], by=SYSTEM, at=w.AT)


def test_an_actor_costs_one_query(world: World, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    account = world.account("health.clerk")
    with django_assert_num_queries(1):
        clerk = queries.actor_of(account.id, at=w.AT)
    (post,) = clerk.posts
    health = world.org("health")
    assert (clerk.kind, clerk.party_id, clerk.name) == (ActorKind.STAFF, None, "区卫健局综窗受理员")
    assert (post.org_id, post.org_path, post.post_type, post.is_backup) == (
        health.id,
        health.path,
        "window-clerk",
        False,
    )
    assert world.actor("mother").acting_for == world.mother.id


def test_a_closed_account_acts_no_more(world: World) -> None:
    account = world.account("health.clerk")
    actions.set_active(account_id=account.id, is_active=False, by=SYSTEM, at=w.AT)
    with pytest.raises(NoSuchAccount):
        world.actor("health.clerk")
    assert queries.holders("window-clerk", world.org("health").id, at=w.AT) == []


def test_a_post_counts_from_its_first_to_its_last_day(world: World) -> None:
    account, health = world.account("health.clerk"), world.org("health")
    (holding,) = [h for h in queries.holdings_at(health.id, at=w.AT) if h.account_id == account.id]
    actions.end_appointment(holding_id=holding.id, until=TODAY, by=SYSTEM, at=w.AT)
    assert world.actor("health.clerk").posts
    assert queries.actor_of(account.id, at=w.AT + timedelta(days=1)).posts == ()
    assert queries.actor_of(account.id, at=w.MADE_AT - timedelta(days=1)).posts == ()
    with pytest.raises(BadPeriod):
        actions.end_appointment(holding_id=holding.id, until=w.MADE_AT.date() - timedelta(days=1), by=SYSTEM, at=w.AT)


def test_the_same_post_is_not_held_twice(world: World) -> None:
    again = {
        "account_id": world.account("health.clerk").id,
        "org_id": world.org("health").id,
        "post_type": "window-clerk",
        "title": "综窗受理员",
    }
    with pytest.raises(AlreadyHeld):
        actions.appoint(**again, since=TODAY + timedelta(days=3), by=SYSTEM, at=w.AT)
    with pytest.raises(BadAccount):
        actions.appoint(**(again | {"account_id": world.account("mother").id}), since=TODAY, by=SYSTEM, at=w.AT)


def test_the_backup_acts_only_while_the_holder_is_away(world: World) -> None:
    health, backup = world.org("health"), world.account("health.reviewer")
    actions.appoint(
        account_id=backup.id,
        org_id=health.id,
        post_type="window-clerk",
        title="综窗受理员",
        since=TODAY,
        is_backup=True,
        by=SYSTEM,
        at=w.AT,
    )
    types = {post.post_type for post in world.actor("health.reviewer").posts}
    assert types == {"reviewer"}
    (holding,) = [
        h for h in queries.holdings_at(health.id, at=w.AT) if h.account_id == world.account("health.clerk").id
    ]
    absence = actions.record_absence(
        holding_id=holding.id, starts_on=TODAY, ends_on=TODAY + timedelta(days=4), reason="年休假", by=SYSTEM, at=w.AT
    )
    posts = {post.post_type: post for post in world.actor("health.reviewer").posts}
    assert posts["window-clerk"].is_backup
    assert not posts["reviewer"].is_backup
    assert backup.id in {view.id for view in queries.holders("window-clerk", health.id, at=w.AT)}
    actions.end_absence(absence_id=absence.id, ends_on=TODAY, by=SYSTEM, at=w.AT)
    tomorrow = w.AT + timedelta(days=1)
    assert {post.post_type for post in queries.actor_of(backup.id, at=tomorrow).posts} == {"reviewer"}


def test_the_backup_of_a_vacant_post_acts(world: World) -> None:
    health = world.org("health")
    actions.create_staff(
        staff=[NewStaff("health.new", "新人", (NewPost(health.id, "issuer", "出件员", is_backup=True),))],
        by=SYSTEM,
        at=w.AT,
    )
    (account,) = queries.accounts_named("health.new")
    assert [post.is_backup for post in queries.actor_of(account.id, at=w.AT).posts] == [True]


def test_an_agent_acts_for_the_principal_within_the_mandate(
    world: World, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    mandate = world.mandate(world.mother, "neighbour", scope="anlan.birth", ends_on=date(2026, 12, 31))
    with django_assert_num_queries(1):
        agent = world.actor("neighbour", mandate)
    assert (agent.kind, agent.acting_for, agent.party_id) == (ActorKind.AGENT, world.mother.id, world.neighbour.id)
    assert mandate.covers("anlan.birth")
    assert mandate.covers("anlan.birth.one-thing")
    assert not mandate.covers("anlan.birthday")
    assert world.actor("neighbour").acting_for == world.neighbour.id
    after = w.AT + timedelta(days=60)
    with pytest.raises(MandateOver):
        queries.actor_of(world.account("neighbour").id, mandate.id, at=after)
    with pytest.raises(MandateOver):
        queries.actor_of(world.account("father").id, mandate.id, at=w.AT)


def test_a_mandate_reaches_what_it_names(world: World) -> None:
    mandate = world.mandate(world.mother, "neighbour", scope="anlan.birth")
    agent = world.actor("neighbour", mandate)
    queries.require_scope(agent, "anlan.birth.one-thing")
    queries.require_scope(world.actor("neighbour"), "anlan.tax")
    with pytest.raises(OutOfScope):
        queries.require_scope(agent, "anlan.tax")
    with pytest.raises(BadMandate):
        world.mandate(world.mother, "neighbour", scope="一件事申报")


def test_a_clerk_who_helps_leaves_the_post_behind(world: World) -> None:
    mandate = world.mandate(world.mother, "service-centre.clerk")
    assert world.actor("service-centre.clerk", mandate).posts == ()


def test_revoking_counts_at_once_and_once(world: World) -> None:
    mandate = world.mandate(world.mother, "neighbour")
    with pytest.raises(NotYours):
        actions.revoke_mandate(mandate_id=mandate.id, by=world.actor("father"), at=w.AT)
    assert queries.mandates_of(world.account("neighbour").id, at=w.AT) == [mandate]
    actions.revoke_mandate(mandate_id=mandate.id, by=world.actor("mother"), at=w.AT)
    assert queries.mandates_of(world.account("neighbour").id, at=w.AT) == []
    assert not queries.mandate(mandate.id).is_live(TODAY)
    with pytest.raises(MandateOver):
        world.actor("neighbour", mandate)
    with pytest.raises(MandateOver):
        actions.revoke_mandate(mandate_id=mandate.id, by=world.actor("mother"), at=w.AT)


def test_only_the_principal_or_staff_with_a_document_grant(world: World) -> None:
    paper = {
        "kind": MandateKind.HELPER,
        "principal_id": world.mother.id,
        "agent_id": world.account("neighbour").id,
        "scope": ["*"],
        "starts_on": TODAY,
        "ends_on": date(2026, 12, 31),
        "at": w.AT,
    }
    assert actions.grant_mandate(**paper, by=world.actor("mother")).principal_name == "陈晓岚"
    with pytest.raises(BadMandate):
        actions.grant_mandate(**paper, by=world.actor("service-centre.clerk"))
    with pytest.raises(NotYours):
        actions.grant_mandate(**paper, by=world.actor("father"))
    agent = world.actor("neighbour", world.mandate(world.mother, "neighbour"))
    with pytest.raises(NotYours):
        actions.grant_mandate(**(paper | {"agent_id": world.account("father").id}), by=agent)


def test_a_wrong_mandate_lists_what_is_wrong(world: World) -> None:
    with pytest.raises(BadMandate) as wrong:
        actions.grant_mandate(
            kind=MandateKind.FIRM_AGENT,
            principal_id=world.mother.id,
            agent_id=world.account("mother").id,
            scope=[],
            starts_on=TODAY,
            ends_on=TODAY - timedelta(days=1),
            by=world.actor("mother"),
            at=w.AT,
        )
    assert [place.where for place in wrong.value.places] == ["agent", "kind", "scope", "ends_on"]
