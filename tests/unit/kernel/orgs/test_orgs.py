"""Regions, organisations, who handles what, and moves over time."""

from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from pytest_django import DjangoAssertNumQueries, Settings

from tests import world as w
from tests.world import World
from yiwang.kernel.base.contracts import ANONYMOUS, SYSTEM, Denied
from yiwang.kernel.orgs import actions, queries
from yiwang.kernel.orgs.contracts import (
    AlreadyExists,
    BadList,
    BadOrganisation,
    BadRegion,
    CannotClose,
    CannotMove,
    Level,
    ListReport,
    NewOrganisation,
    NewRegion,
    NobodyHandles,
    NoSuchOrganisation,
    NoSuchRegion,
)


def days(n: int) -> datetime:
    return w.AT + timedelta(days=n)


def office(name: str, number: int, **more: object) -> NewOrganisation:
    values: dict[str, object] = {
        "uscc": w.make_uscc("11990100MC", number),
        "name": name,
        "kind": "data-bureau",
        "region_code": w.CITY,
        "opened_on": w.OPENED_ON,
    }
    return NewOrganisation(**(values | more))  # type: ignore[arg-type]


def test_levels_and_parents_follow_from_the_code(world: World) -> None:
    levels = {code: queries.region(code).level for code in (w.PROVINCE, w.CITY, w.DISTRICT, w.TOWN, w.VILLAGE)}
    assert list(levels.values()) == [Level.PROVINCE, Level.CITY, Level.COUNTY, Level.TOWN, Level.VILLAGE]
    assert queries.region(w.VILLAGE).parent_id == queries.region(w.TOWN).id
    assert queries.full_name(w.VILLAGE) == "澄海省安澜市临江区江畔街道柳岸社区"
    assert [region.code for region in queries.regions_within(w.CITY)] == [w.DISTRICT, w.OTHER_DISTRICT]


@pytest.mark.parametrize("code", ["99010200000", "9901020000000", "09010200000", "99010200000X", ""])
def test_a_code_of_another_shape_is_refused(db: None, code: str) -> None:
    with pytest.raises(BadRegion):
        actions.create_region(code=code, name="某地", by=SYSTEM, at=w.AT)


def test_made_up_codes_exist_in_the_demo_place_only(db: None, settings: Settings) -> None:
    settings.YIWANG_DEMO = False
    with pytest.raises(BadRegion, match="演示地"):
        actions.create_region(code="990000000000", name="某省", by=SYSTEM, at=w.AT)
    assert actions.create_region(code="370000000000", name="某省", by=SYSTEM, at=w.AT).level is Level.PROVINCE


def test_a_region_needs_one_above_it_and_is_registered_once(db: None) -> None:
    with pytest.raises(BadRegion, match="上级"):
        actions.create_region(code="370100000000", name="某市", by=SYSTEM, at=w.AT)
    actions.create_regions(
        regions=[NewRegion("370100000000", "某市"), NewRegion("370000000000", "某省")], by=SYSTEM, at=w.AT
    )
    with pytest.raises(AlreadyExists):
        actions.create_region(code="370100000000", name="某市", by=SYSTEM, at=w.AT)


def test_a_county_under_the_province_finds_the_province(db: None) -> None:
    """省直辖县: there is no city level between them."""
    actions.create_region(code="420000000000", name="某省", by=SYSTEM, at=w.AT)
    county = actions.create_region(code="429004000000", name="某直辖县", by=SYSTEM, at=w.AT)
    assert county.level is Level.COUNTY
    assert county.parent_id == queries.region("420000000000").id


def test_handling_is_the_nearest_of_a_kind_upwards(
    world: World, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(1):
        assert queries.handling("service-centre", w.VILLAGE) == world.org("town")
    assert queries.handling("service-centre", w.DISTRICT) == world.org("service-centre")
    assert queries.handling("health", w.VILLAGE) == world.org("health")
    assert queries.handling("health", w.OTHER_DISTRICT) == world.org("other-health")
    assert queries.handling("supervision", w.VILLAGE) == world.org("supervision")
    with pytest.raises(NobodyHandles):
        queries.handling("harbour", w.VILLAGE)
    with pytest.raises(NobodyHandles):
        queries.handling("health", w.CITY)


def test_reading_by_id_code_and_tree(world: World, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    health = world.org("health")
    assert queries.get(health.id) == queries.by_uscc(health.uscc.lower()) == health
    with django_assert_num_queries(1):
        named = queries.named([health.id, world.org("city").id, 10**9])
    assert {view.name for view in named.values()} == {"临江区卫生健康局", "安澜市人民政府"}
    below = {view.id for view in queries.under(world.org("district").id)}
    assert world.org("town").id in below
    assert world.org("other-health").id not in below
    with pytest.raises(NoSuchOrganisation):
        queries.get(10**9)


def test_wrong_codes_are_all_listed(world: World) -> None:
    with pytest.raises(BadOrganisation) as wrong:
        actions.create_many(organisations=[office("", 1, uscc="1" * 18, kind="Data Bureau")], by=SYSTEM, at=w.AT)
    assert [place.where for place in wrong.value.places] == ["uscc", "kind", "name"]
    with pytest.raises(NoSuchRegion):
        actions.create_many(organisations=[office("某局", 1, region_code="370000000000")], by=SYSTEM, at=w.AT)
    with pytest.raises(NoSuchOrganisation):
        actions.create_many(organisations=[office("某局", 1, parent_uscc="X")], by=SYSTEM, at=w.AT)
    with pytest.raises(AlreadyExists):
        actions.create_many(organisations=[office("某局", 1), office("某局", 1)], by=SYSTEM, at=w.AT)
    with pytest.raises(Denied):
        actions.create_many(organisations=[office("某局", 1)], by=ANONYMOUS, at=w.AT)


def test_many_are_made_in_a_constant_number_of_queries(
    world: World, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    top = office("某市数据局", 1)
    new = [top, *(office(f"第{i}分局", i, parent_uscc=top.uscc) for i in range(2, 200))]
    with django_assert_max_num_queries(15):
        made = actions.create_many(organisations=new, by=SYSTEM, at=w.AT)
    assert [view.name for view in made] == [one.name for one in new]
    assert all(view.path == f"{made[0].path}{view.id}/" for view in made[1:])


def test_a_move_changes_today_and_keeps_the_past(world: World) -> None:
    centre, town = world.org("service-centre"), world.org("town")
    moved = actions.move(
        org_id=centre.id,
        effective_on=w.AT.date(),
        name="临江区行政审批服务局",
        parent_id=world.org("city").id,
        document_no="安编〔2026〕3号",
        by=SYSTEM,
        at=w.AT,
    )
    assert moved.name == "临江区行政审批服务局"
    assert moved.short_name == centre.short_name
    assert moved.path == f"{world.org('city').path}{centre.id}/"
    assert queries.get(town.id).path == f"{moved.path}{town.id}/"
    before = queries.as_of(centre.id, date(2020, 1, 1))
    assert (before.name, before.parent_id) == (centre.name, world.org("district").id)
    assert queries.as_of(centre.id, w.AT.date()).name == "临江区行政审批服务局"
    with pytest.raises(NoSuchOrganisation):
        queries.as_of(centre.id, date(2018, 12, 31))


def test_a_move_to_come_waits_for_its_day(world: World) -> None:
    health = world.org("health")
    first, second = date(2026, 12, 1), date(2026, 12, 15)
    actions.move(org_id=health.id, effective_on=first, name="临江区卫生局", document_no="1", by=SYSTEM, at=w.AT)
    actions.move(org_id=health.id, effective_on=second, doc_mark="临健", document_no="2", by=SYSTEM, at=w.AT)
    assert queries.get(health.id) == health
    assert actions.apply_moves(by=SYSTEM, at=days(7)) == 0
    assert actions.apply_moves(by=SYSTEM, at=days(8)) == 1
    assert queries.get(health.id).name == "临江区卫生局"
    assert actions.apply_moves(by=SYSTEM, at=days(30)) == 1
    assert (queries.get(health.id).name, queries.get(health.id).doc_mark) == ("临江区卫生局", "临健")
    assert actions.apply_moves(by=SYSTEM, at=days(30)) == 0


def test_an_organisation_cannot_stand_below_itself_nor_move_before_its_last_move(world: World) -> None:
    district, centre = world.org("district"), world.org("service-centre")
    with pytest.raises(CannotMove):
        actions.move(
            org_id=district.id, effective_on=w.AT.date(), parent_id=centre.id, document_no="1", by=SYSTEM, at=w.AT
        )
    with pytest.raises(CannotMove):
        actions.move(org_id=district.id, effective_on=w.OPENED_ON, name="某区", document_no="1", by=SYSTEM, at=w.AT)


def test_two_moves_to_come_cannot_make_a_ring(world: World) -> None:
    health, police = world.org("health"), world.org("police-household")
    day = date(2026, 12, 1)
    actions.move(org_id=health.id, effective_on=day, parent_id=police.id, document_no="1", by=SYSTEM, at=w.AT)
    actions.move(org_id=police.id, effective_on=day, parent_id=health.id, document_no="2", by=SYSTEM, at=w.AT)
    with pytest.raises(CannotMove):
        actions.apply_moves(by=SYSTEM, at=days(8))


def test_a_closed_organisation_handles_nothing(world: World) -> None:
    with pytest.raises(CannotClose, match="下级"):
        actions.close(org_id=world.org("service-centre").id, closed_on=w.AT.date(), by=SYSTEM, at=w.AT)
    actions.close(org_id=world.org("town").id, closed_on=w.AT.date(), by=SYSTEM, at=w.AT)
    assert queries.handling("service-centre", w.TOWN) == world.org("service-centre")
    with pytest.raises(CannotClose):
        actions.close(org_id=world.org("town").id, closed_on=w.AT.date(), by=SYSTEM, at=w.AT)


def test_a_list_adds_what_is_new_and_may_come_again(world: World, tmp_path: Path) -> None:
    regions = tmp_path / "regions.csv"
    regions.write_text("code,name\n990104,新安区\n990103,望湖区\n", encoding="utf-8")
    assert actions.import_list(path=regions, by=SYSTEM, at=w.AT) == ListReport(1, 0, 1)
    organisations = tmp_path / "organisations.csv"
    top, below = w.make_uscc("11990100MC", 1), w.make_uscc("11990100MC", 2)
    organisations.write_text(
        "uscc,name,kind,region_code,parent_uscc,doc_mark\n"
        f"{top},新安区人民政府,government,990104,{world.org('city').uscc},新政\n"
        f"{below},新安区数据局,data-bureau,990104,{top},新数\n",
        encoding="utf-8",
    )
    assert actions.import_list(path=organisations, by=SYSTEM, at=w.AT) == ListReport(0, 2, 0)
    assert actions.import_list(path=organisations, by=SYSTEM, at=w.AT) == ListReport(0, 0, 2)
    assert queries.handling("data-bureau", "990104000000").doc_mark == "新数"


def test_a_list_with_a_wrong_line_changes_nothing_and_names_the_line(world: World, tmp_path: Path) -> None:
    wrong = tmp_path / "regions.csv"
    wrong.write_text("code,name\n990104,新安区\n99x105,某区\n", encoding="utf-8")
    with pytest.raises(BadList, match="line 3"):
        actions.import_list(path=wrong, by=SYSTEM, at=w.AT)
    with pytest.raises(NoSuchRegion):
        queries.region("990104000000")
    wrong.write_text("名称,代码\n", encoding="utf-8")
    with pytest.raises(BadList):
        actions.import_list(path=wrong, by=SYSTEM, at=w.AT)


def test_where_an_office_stands_is_two_degrees_or_none(world: World, tmp_path: Path) -> None:
    known = actions.create_organisation(organisation=office("市数据局", 70, lon=0.335, lat=0.3), by=SYSTEM, at=w.AT)
    assert (known.lon, known.lat) == (0.335, 0.3)
    assert world.org("health").lon is None
    for wrong in ({"lon": 0.3}, {"lon": 30.0, "lat": 120.0}):
        with pytest.raises(BadOrganisation):
            actions.create_organisation(organisation=office("某局", 71, **wrong), by=SYSTEM, at=w.AT)
    path = tmp_path / "offices.csv"
    head, code = "uscc,name,kind,region_code,lon,lat", w.make_uscc("11990100MC", 72)
    path.write_text(f"{head}\n{code},税务分局,tax,990102,0.41,0.36\n", encoding="utf-8")
    actions.import_list(path=path, by=SYSTEM, at=w.AT)
    assert queries.by_uscc(code).lat == 0.36
    path.write_text(f"{head}\n{code},税务分局,tax,990102,东,北\n", encoding="utf-8")
    with pytest.raises(BadList):
        actions.import_list(path=path, by=SYSTEM, at=w.AT)


def test_outlines_come_from_packs(world: World) -> None:
    found = queries.boundaries([w.DISTRICT, w.CITY, w.VILLAGE])
    assert {each.region_code for each in found} == {w.DISTRICT, w.CITY}
    assert all(ring[0] == ring[-1] for each in found for ring in each.rings)
