"""Who may do what where: posts, reach, lists, and the property that `visible` and `may` always agree."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection, transaction
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries

from tests import world as w
from tests.world import World
from yiwang.kernel.access import actions, queries
from yiwang.kernel.access.contracts import NotPermitted, Reach
from yiwang.kernel.access.kinds import PostTypePack
from yiwang.kernel.base.contracts import ANONYMOUS, SYSTEM, Actor, ActorKind, Denied, PostRef
from yiwang.kernel.orgs._codes import line_of
from yiwang.kernel.orgs.models import Organisation, Region
from yiwang.kernel.orgs.queries import IDS_WITHIN
from yiwang.kernel.packs import queries as packs
from yiwang.kernel.packs.contracts import Pack, PackNotFound, PackSet, Text
from yiwang.kernel.people import actions as people
from yiwang.kernel.people import queries as people_queries

KINDS = {
    "own-one": (("x.one",), Reach.OWN),
    "below-one": (("x.one",), Reach.BELOW),
    "own-both": (("x.one", "x.two"), Reach.OWN),
    "below-two": (("x.two",), Reach.BELOW),
    "region-one": (("x.one",), Reach.REGION),
}
# A province, a city, two counties of it, and a street of the first.
REGIONS = ("370000000000", "370100000000", "370102000000", "370103000000", "370102001000")


@pytest.fixture
def four_kinds() -> Iterator[None]:
    title = Text(zh="岗")
    made = []
    for name, (words, reach) in KINDS.items():
        # Of these posts only the word reaches over the region, the post itself no further than its own office.
        where = (
            {"permissions": (), "in_region": words} if reach is Reach.REGION else {"permissions": words, "reach": reach}
        )
        body = PostTypePack(kind="PostType", id=name, title=title, **where)
        made.append(Pack("PostType", name, 1, title, name, "t", "t.yaml", body, {}))
    with packs.using(PackSet(made)):
        yield


def test_posts_permit_what_the_packs_say(world: World) -> None:
    clerk, health = world.actor("health.clerk"), world.org("health")
    assert queries.may(clerk, "cases.act", health.id)
    assert not queries.may(clerk, "cases.act", world.org("other-health").id)
    assert not queries.may(clerk, "cases.extend", health.id)
    assert queries.may(world.actor("health.approver"), "cases.extend", health.id)
    for nobody in (ANONYMOUS, world.actor("mother")):
        assert not queries.may(nobody, "cases.view", health.id)
        assert not queries.may_anywhere(nobody, "cases.view")
    assert queries.may(SYSTEM, "cases.act", health.id)


def test_a_post_that_reaches_below_covers_its_subtree_only(
    world: World, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    supervisor = world.actor("city.supervisor")
    with django_assert_num_queries(1):
        assert queries.may(supervisor, "cases.supervise", world.org("town").id)
    assert not queries.may(supervisor, "people.appoint", world.org("town").id)
    assert not queries.may(supervisor, "cases.supervise", 10**9)
    (post,) = supervisor.posts
    district = world.org("district")
    lower = replace(supervisor, posts=(replace(post, org_id=district.id, org_path=district.path),))
    assert queries.may(lower, "cases.supervise", world.org("health").id)
    assert not queries.may(lower, "cases.supervise", world.org("other-health").id)
    assert not queries.may(lower, "cases.supervise", world.org("city").id)


def test_an_actor_without_a_region_reaches_none_by_it(world: World, four_kinds: None) -> None:
    (post,) = world.actor("city.supervisor").posts
    lost = replace(post, post_type="region-one", region_code="")
    by = Actor(kind=ActorKind.STAFF, name="某", account_id=1, posts=(lost,))
    assert queries.reached(by, "x.one").regions == ()
    assert not queries.may(by, "x.one", world.org("health").id)
    assert queries.may(by, "x.one", post.org_id)


def test_require_refuses_with_a_sentence(world: World) -> None:
    queries.require(world.actor("health.clerk"), "cases.act", at_org=world.org("health").id)
    with pytest.raises(NotPermitted) as refused:
        queries.require(world.actor("health.clerk"), "cases.act", at_org=world.org("city").id)
    assert isinstance(refused.value, Denied)
    assert refused.value.hint


def test_lists_show_what_posts_reach_in_one_query(
    world: World, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    rows, clerk = Organisation.objects.order_by("pk"), world.actor("other-health.clerk")
    with django_assert_num_queries(1):
        seen = [row.name for row in queries.visible(clerk, rows, "cases.view", field="")]
    assert seen == ["望湖区卫生健康局"]
    assert len(queries.visible(world.actor("city.supervisor"), rows, "cases.view", field="")) == len(w.OFFICES)
    assert list(queries.visible(world.actor("mother"), rows, "cases.view", field="")) == []
    assert len(queries.visible(SYSTEM, rows, "cases.view", field="")) == len(w.OFFICES)


@given(
    tree=st.lists(st.tuples(st.integers(0, 10), st.sampled_from(REGIONS)), min_size=1, max_size=12),
    held=st.lists(st.tuples(st.integers(0, 11), st.sampled_from(sorted(KINDS))), max_size=4),
    permission=st.sampled_from(["x.one", "x.two", "x.three"]),
)
@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_visible_and_may_agree_with_the_slow_definition(
    db: None, four_kinds: None, tree: list[tuple[int, str]], held: list[tuple[int, str]], permission: str
) -> None:
    """Posts × organisations: one is reached iff a post there, one above that reaches below, or one of its region or above permits."""
    with transaction.atomic():
        paths = _plant(tree)
        orgs = list(paths)
        posts = tuple(
            PostRef(i, orgs[n], paths[orgs[n]], kind, "岗", region_code=tree[n][1])
            for i, (n, kind) in enumerate((at % len(orgs), kind) for at, kind in held)
        )
        by = Actor(kind=ActorKind.STAFF, name="某", account_id=1, posts=posts)
        regions = dict(zip(orgs, (region for _, region in tree), strict=True))
        expected = {org for org in orgs if _slowly_may(posts, permission, paths[org], regions[org])}
        rows = Organisation.objects.filter(pk__in=orgs)
        assert {row.pk for row in queries.visible(by, rows, permission, field="")} == expected
        assert {org for org in orgs if queries.may(by, permission, org)} == expected
        assert {org.id for org in queries.orgs_within(by, permission)} == expected
        with connection.cursor() as cursor:
            cursor.execute(IDS_WITHIN, queries.reached(by, permission).values())
            assert {row[0] for row in cursor.fetchall()} == expected
        transaction.set_rollback(True)


def _slowly_may(posts: tuple[PostRef, ...], permission: str, path: str, region: str) -> bool:
    *above, org = (int(part) for part in path.strip("/").split("/"))
    return any(
        permission in KINDS[post.post_type][0]
        and (
            post.org_id == org
            or (KINDS[post.post_type][1] is Reach.BELOW and post.org_id in above)
            or (KINDS[post.post_type][1] is Reach.REGION and post.region_code in line_of(region))
        )
        for post in posts
    )


def _plant(tree: list[tuple[int, str]]) -> dict[int, str]:
    """Organisations 1..n where each hangs under an earlier one (or is a root) and stands in a region, as {id: path}."""
    regions = {code: Region.objects.create(code=code, name="某地", level=len(line_of(code))) for code in REGIONS}
    paths: dict[int, str] = {}
    for i, (above, region) in enumerate(tree):
        pk = 1000 + i * 7
        parent = 1000 + (above - 1) * 7 if 0 < above <= i else None
        paths[pk] = f"{paths[parent] if parent else '/'}{pk}/"
        Organisation.objects.create(
            pk=pk,
            uscc=f"U{pk}",
            name="某",
            short_name="某",
            kind="health",
            region=regions[region],
            parent_id=parent,
            path=paths[pk],
            opened_on=w.OPENED_ON,
        )
    return paths


def test_a_second_factor_is_asked_of_the_posts_that_packs_name(world: World) -> None:
    assert queries.needs_second_factor(world.actor("city.steward"))
    assert not queries.needs_second_factor(world.actor("health.clerk"))
    assert not queries.needs_second_factor(world.actor("mother"))
    assert queries.post_type("approver").title == "首席代表"
    with pytest.raises(PackNotFound):
        queries.post_type("nobody")


def test_a_pack_that_names_an_unknown_permission_is_refused_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "here").mkdir()
    (tmp_path / "here" / "place.yaml").write_text("kind: Place\nid: here\ntitle: 某地\n", encoding="utf-8")
    text = "kind: PostType\nid: clerk\ntitle: 某岗\npermissions:\n  - people.appoint\n  - cases.fly\n"
    (tmp_path / "here" / "clerk.yaml").write_text(text, encoding="utf-8")
    (problem,) = packs.check(tmp_path)
    assert (problem.line, problem.where) == (6, "permissions.1")
    assert "cases.fly" in problem.what


def test_appointing_needs_the_permission_there(world: World) -> None:
    health, clerk = world.org("health"), world.account("service-centre.clerk")
    new = {"account_id": clerk.id, "org_id": health.id, "post_type": "issuer", "since": w.AT.date(), "at": w.AT}
    with pytest.raises(NotPermitted):
        actions.appoint(**new, by=world.actor("health.approver"))
    people.appoint(
        account_id=world.account("health.approver").id,
        org_id=world.org("district").id,
        post_type="office-admin",
        title="人事管理员",
        since=w.AT.date(),
        by=SYSTEM,
        at=w.AT,
    )
    admin = world.actor("health.approver")
    assert actions.appoint(**new, by=admin).post.title == "出件员"
    with pytest.raises(PackNotFound):
        actions.appoint(**(new | {"post_type": "astronaut"}), by=admin)
    with pytest.raises(NotPermitted):
        actions.appoint(**(new | {"org_id": world.org("other-health").id}), by=admin)


def test_absence_is_recorded_by_the_holder_or_with_the_permission(world: World) -> None:
    health = world.org("health")
    (holding,) = [
        h for h in people_queries.holdings_at(health.id, at=w.AT) if h.account_id == world.account("health.clerk").id
    ]
    away = {
        "holding_id": holding.id,
        "starts_on": w.AT.date(),
        "ends_on": w.AT.date() + timedelta(days=2),
        "reason": "培训",
        "at": w.AT,
    }
    with pytest.raises(NotPermitted):
        actions.record_absence(**away, by=world.actor("health.reviewer"))
    absence = actions.record_absence(**away, by=world.actor("health.clerk"))
    assert people_queries.absences_at(health.id, at=w.AT) == [absence]
    with pytest.raises(NotPermitted):
        actions.end_absence(absence_id=absence.id, ends_on=w.AT.date(), by=world.actor("health.reviewer"), at=w.AT)
    back = actions.end_absence(absence_id=absence.id, ends_on=w.AT.date(), by=world.actor("health.clerk"), at=w.AT)
    assert back.ends_on == w.AT.date()


def test_the_repository_s_post_types_are_right(world: World) -> None:
    ids = {view.id for view in queries.post_types()}
    assert {"window-clerk", "reviewer", "approver", "issuer", "supervisor", "leader", "steward"} <= ids
    assert settings.YIWANG_PACKS.is_dir()
