"""Who sees which case: every way in, held against a slow look at the tree of offices and the text of the post types."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count

import pytest
import yaml
from django.contrib.auth import get_user_model
from django.test import Client
from django.utils import timezone

from tests.families import Family
from tests.standing import standing
from tests.unit.services.journeys.births import accepted, filed, uploaded
from tests.world import World
from yiwang.kernel.base.contracts import SYSTEM
from yiwang.kernel.cases import actions as engine
from yiwang.kernel.cases import queries as cases
from yiwang.kernel.cases.contracts import Box, CaseView
from yiwang.kernel.orgs.contracts import OrgView
from yiwang.kernel.people import actions as people
from yiwang.kernel.people import queries as people_queries
from yiwang.kernel.people.contracts import NewPost, NewStaff
from yiwang.kernel.workdays.contracts import Limit
from yiwang.services.applications import actions as applications
from yiwang.services.applications.contracts import Channel, MaterialInput, Wanted
from yiwang.site import paths
from yiwang.support.login.sessions import OPENED_AT, SEEN_AT

LISTS = [box.value for box in Box if box is not Box.DONE]


@dataclass(frozen=True)
class Place:
    """Cases at many offices, and the slow model of who may see them."""

    world: World
    cases: tuple[CaseView, ...]
    with_file: frozenset[int]
    post_types: dict[str, dict[str, object]]

    def sees(self, posts: list[tuple[OrgView, str]], case: CaseView) -> bool:
        offices = {case.org_id, cases.peek(case.root_id).org_id, *(task.org_id for task in cases.tasks(case.id))}
        return any(self._reaches(top, post_type, office) for top, post_type in posts for office in offices)

    def _reaches(self, top: OrgView, post_type: str, office: int) -> bool:
        body = self.post_types[post_type]
        if "cases.view" not in body["permissions"]:  # type: ignore[operator]
            return False
        above = {office} if body["reach"] == "own" else set(self._above(office))
        return top.id in above

    def _above(self, office: int | None) -> Iterator[int]:
        by_id = {org.id: org for org in self.world.offices.values()}
        while office is not None:
            yield office
            office = by_id[office].parent_id


@standing
def place(family: Family) -> Place:
    world, found, with_file = family.world, [], set()
    for office in ("health", "other-health", "police-household", "town", "clinic"):
        case = _opened(world, office)
        files = uploaded(family, "plan") if office != "clinic" else {}
        with_file |= {case.id} if files else set()
        _entered(world, case, files)
        found.append(case)
    root = accepted(family, filed(family))
    below = [slot.case for slot in cases.family(root.id).slots if slot.case is not None]
    texts = (paths.ROOT / "packs/national/posts").glob("*.yaml")
    types = {body["id"]: body for text in texts for body in yaml.safe_load_all(text.read_text("utf-8"))}
    return Place(world, (*found, root, *below), frozenset(with_file), types)


def test_every_way_in_agrees_with_the_model(place: Place) -> None:
    hold_against(place, staff=4, seed=0)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(1, 4))
def test_every_way_in_agrees_with_the_model_for_many(place: Place, seed: int) -> None:
    hold_against(place, staff=15, seed=seed)


def hold_against(place: Place, *, staff: int, seed: int) -> None:
    """Appoint so many to chance posts and try every way in."""
    chance = random.Random(seed)
    outcomes = set()
    for number in range(staff):
        posts = [
            (chance.choice(sorted(place.world.offices.values(), key=lambda org: org.id)), chance.choice(_types(place)))
            for _ in range(chance.randint(0, 3))
        ]
        client, account_id = _signed_in(posts, f"staff-{seed}-{number}")
        seen = {case.number for case in place.cases if place.sees(posts, case)}
        _try_all(place, client, account_id, seen)
        outcomes.add(len(seen))
    assert max(outcomes) > min(outcomes), "posts must make a difference"


def test_a_visitor_and_another_resident_see_nothing(place: Place) -> None:
    resident = Client()
    _enter(resident, place.world.account("neighbour").id)
    for client in (Client(), resident):
        for case in place.cases:
            for address in _addresses(place, case):
                answer = client.get(address)
                assert answer.status_code in (302, 401, 403, 404), address
                assert case.subject not in answer.content.decode()


def _try_all(place: Place, client: Client, account_id: int, seen: set[str]) -> None:
    for case in place.cases:
        expected = case.number in seen
        for address in _addresses(place, case):
            status = client.get(address).status_code
            assert (status in (200, 302)) is expected, f"{address}: {status}, expected to be seen: {expected}"
    by = people_queries.actor_of(account_id, at=place.world.at)
    counted = cases.counts(by, at=place.world.at)
    listed = set()
    for box in LISTS:
        rows = [row.number for row in _all_rows(client, box)]
        assert len(rows) == counted[box], box
        listed |= set(rows)
    assert listed <= seen
    found = client.post("/desk/search", {"q": place.world.mother.phone}).content.decode()
    assert {case.number for case in place.cases if case.is_root and case.number in found} == {
        case.number for case in place.cases if case.is_root and case.number in seen
    }


@dataclass(frozen=True)
class Row:
    number: str


def _all_rows(client: Client, box: str) -> Iterator[Row]:
    cursor = ""
    for _ in count():
        page = client.get("/api/cases/work", {"box": box, "size": 5, **({"cursor": cursor} if cursor else {})}).json()
        yield from (Row(item["number"]) for item in page["items"])
        cursor = page["next_cursor"]
        if not cursor:
            return


def _addresses(place: Place, case: CaseView) -> list[str]:
    found = [
        f"/api/cases/{case.id}",
        f"/api/cases/{case.id}/history",
        f"/api/applications/{case.number}/materials",
        f"/api/applications/{case.number}/documents",
        f"/desk/search?q={case.number}",
        f"/desk/search?q={case.query_code}",
        f"/desk/cases/{case.number}",
    ]
    return found + ([f"/cases/{case.number}/materials/plan/file"] if case.id in place.with_file else [])


def _types(place: Place) -> list[str]:
    return sorted(place.post_types)


def _opened(world: World, office: str) -> CaseView:
    return engine.open_case(
        kind="application",
        flow="standard.permit",
        title="公共场所卫生许可",
        org_id=world.org(office).id,
        region_code=world.org(office).region_code,
        applicant_id=world.mother.id,
        subject=world.mother.name,
        data={"answers": {}},
        limits={"statutory": Limit.parse("20 workdays"), "promised": Limit.parse("5 workdays")},
        by=world.actor("mother"),
        at=world.at,
    )


def _entered(world: World, case: CaseView, files: dict[str, MaterialInput]) -> None:
    wanted = [Wanted("plan", "平面图", "gap-allowed", "applicant")]
    by = world.actor("mother")
    applications.enter(case=case, wanted=wanted, inputs=files, channel=Channel.WEB, by=by, at=world.at)


def _signed_in(posts: list[tuple[OrgView, str]], username: str) -> tuple[Client, int]:
    held = tuple(NewPost(org.id, post_type, post_type) for org, post_type in dict.fromkeys(posts))
    (account,) = people.create_staff(
        staff=[NewStaff(username=username, name=username, posts=held)], by=SYSTEM, at=timezone.now()
    )
    client = Client()
    _enter(client, account.id)
    return client, account.id


def _enter(client: Client, account_id: int) -> None:
    client.force_login(get_user_model().objects.get(pk=account_id))
    session, now = client.session, timezone.now().isoformat()
    session.update({OPENED_AT: now, SEEN_AT: now})
    session.save()
