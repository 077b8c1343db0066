"""Whose files a post reaches: every way in, for posts of two districts and of the city, over residents of both and one without a region."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest
from django.test import Client

from tests.standing import standing
from tests.world import MADE_AT, World
from yiwang.data.registries import _own, actions, queries
from yiwang.data.registries.contracts import NoSuchFile, PersonRecord
from yiwang.kernel.base.codes import id_check_digit
from yiwang.kernel.base.contracts import SYSTEM
from yiwang.kernel.people import actions as people

As = Callable[[str], Client]
HERE, THERE, NOWHERE = "990102001001", "990103002001", ""
CLERK, OTHER, CITY = "health.clerk", "other-health.clerk", "city.steward"
SEEN = {CLERK: {HERE}, OTHER: {THERE}, CITY: {HERE, THERE, NOWHERE}}
JSON = "application/json"


def _person(serial: int, region: str) -> PersonRecord:
    first = f"99010219900101{serial:03d}"
    return PersonRecord(
        first + id_check_digit(first), "林同名", "2", date(1990, 1, 1), "01", region, "某路1号", "990102000000009", "02"
    )


PEOPLE = {region: _person(serial, region) for serial, region in ((11, HERE), (13, THERE), (15, NOWHERE))}


@standing
def residents(world: World) -> World:
    actions.load(people=PEOPLE.values(), by=SYSTEM, at=world.at)
    for office in ("health", "other-health", "city"):
        name = f"machine.{office}"
        account = people.create_account(
            kind=world.account("machine").kind, username=name, name=name, by=SYSTEM, at=MADE_AT
        )
        people.appoint(
            account_id=account.id, org_id=world.org(office).id, post_type="data-follower", title="订阅系统",
            since=MADE_AT.date(), by=SYSTEM, at=MADE_AT,
        )  # fmt: skip
        world.accounts[name] = account
    return world


def key(region: str) -> str:
    (found,) = queries.search("population", number=PEOPLE[region].id_number, by=SYSTEM)
    return found.key


@pytest.mark.parametrize("who", [CLERK, OTHER, CITY])
def test_a_post_finds_and_opens_files_of_its_region_only(residents: World, client_as: As, who: str) -> None:
    by, client, at = residents.actor(who), client_as(who), residents.at
    named = queries.search("population", name="林同名", narrow="1990-01-01", by=by)
    assert {each.key for each in named} == {key(region) for region in SEEN[who]}
    book = queries.search("population", number="990102000000009", by=by)
    assert len(book) == len(SEEN[who]), "by the household book, which names them all"
    for region, person in PEOPLE.items():
        is_seen, path = region in SEEN[who], key(region)
        assert bool(queries.search("population", number=person.id_number, by=by)) is is_seen
        found = client.post("/desk/registries/population/search", {"number": person.id_number}).content.decode()
        assert (path in found) is is_seen
        page = client.post(f"/desk/registries/population/files/{path}", {"purpose": "核对户籍"})
        assert (page.status_code == 200) is is_seen
        assert (person.id_number in page.content.decode()) is is_seen
        api = f"/api/registries/population/files/{path}"
        assert (client.post(api, {"purpose": "核对户籍"}, JSON).status_code == 200) is is_seen
        said = {"column": "address", "claimed": "某路2号", "words": ""}
        assert (client.post(f"{api}/objections", said, JSON).status_code == 200) is is_seen
        if not is_seen:
            with pytest.raises(NoSuchFile):
                actions.open_file(registry="population", key=path, purpose="核对户籍", by=by, at=at)


@pytest.mark.parametrize(("office", "who"), [("health", CLERK), ("other-health", OTHER), ("city", CITY)])
def test_a_follower_is_told_of_its_region_only(residents: World, client_as: As, office: str, who: str) -> None:
    machine, wanted = client_as(f"machine.{office}"), {key(region) for region in SEEN[who]}
    told = machine.get("/api/registries/population/changes").json()["items"]
    assert {each["key"] for each in told} == wanted
    for region in PEOPLE:
        read = machine.post(f"/api/registries/population/followed/{key(region)}", {"purpose": "同步"}, JSON)
        assert (read.status_code == 200) is (key(region) in wanted)


def test_who_has_moved_is_seen_where_they_are(residents: World) -> None:
    moved = replace(PEOPLE[HERE], region_code=THERE)

    _own.enter("population", _own.people([moved]), at=residents.at)
    number = moved.id_number
    assert not queries.search("population", number=number, by=residents.actor(CLERK))
    assert queries.search("population", number=number, by=residents.actor(OTHER))
