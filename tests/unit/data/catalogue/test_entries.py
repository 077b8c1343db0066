"""Entries of the catalogue: made, revised, retired, found, and seen by whom."""

from dataclasses import replace

import pytest

from tests.departments import CODE, FIRMS, Departments, departments, enter
from tests.standing import standing
from tests.world import AT, World
from yiwang.data.catalogue import actions, queries
from yiwang.data.catalogue.contracts import (
    AlreadyRegistered,
    BadResource,
    CannotChange,
    Content,
    Cycle,
    Filter,
    ItemView,
    NewResource,
    NoSuchResource,
    Opening,
    Sharing,
    State,
)
from yiwang.data.catalogue.models import Resource, Revision
from yiwang.kernel.access.contracts import NotPermitted
from yiwang.kernel.base.contracts import SYSTEM, Actor


@standing
def place(world: World) -> Departments:
    return departments(world)


def test_an_entry_takes_over_what_the_data_standard_says_of_its_items(place: Departments) -> None:
    enter(place)
    found = queries.resource(CODE)
    uscc = found.item("uscc")
    assert uscc is not None
    assert (uscc.title, uscc.type, uscc.is_key) == ("统一社会信用代码", "uscc", True)
    assert (found.org_id, found.state, found.revision) == (place.org("market").id, State.IN_FORCE, 1)
    assert found.content.update_cycle is Cycle.DAILY


def test_the_same_entry_twice_is_one_and_another_under_its_code_is_refused(place: Departments) -> None:
    enter(place)
    enter(place)
    assert queries.resource(CODE).revision == 1
    with pytest.raises(AlreadyRegistered):
        enter(place, content=replace(FIRMS, title="别的"))


def test_a_unit_cannot_enter_by_itself(place: Departments) -> None:
    new = NewResource(CODE, place.org("market").id, FIRMS)
    with pytest.raises(NotPermitted):
        actions.register(new=new, by=place.actor("market.officer"), at=AT)


@pytest.mark.parametrize(
    ("content", "where"),
    [
        (replace(FIRMS, sharing=Sharing.REFUSED), "refusal_basis"),
        (replace(FIRMS, sharing=Sharing.CONDITIONAL), "sharing_condition"),
        (replace(FIRMS, ways=()), "ways"),
        (replace(FIRMS, items=()), "items"),
        (replace(FIRMS, items=(ItemView("a", "甲"), ItemView("a", "乙"))), "items.2"),
        (replace(FIRMS, items=(ItemView("a", "甲", "firm.nothing"),)), "items.1"),
        (replace(FIRMS, opening=Opening.ON_REQUEST), "opening_condition"),
        (replace(FIRMS, opening=Opening.OPEN, items=(ItemView("n", "", "person.id-number"),)), "opening"),
    ],
)
def test_what_cannot_stand_is_named_by_its_field(place: Departments, content: Content, where: str) -> None:
    with pytest.raises(BadResource) as refused:
        enter(place, content=content)
    assert where in {each.where for each in refused.value.places}


def test_a_revision_says_in_words_what_changed(place: Departments) -> None:
    enter(place)
    items = (FIRMS.items[0], replace(FIRMS.items[2], length=500), ItemView("scope", "", "firm.business-scope"))
    after = replace(FIRMS, update_cycle=Cycle.REALTIME, contact="登记科", items=items)
    actions.revise(code=CODE, content=after, by=SYSTEM, at=AT)
    newest, first = queries.history(CODE)
    assert first.words == ("首次登记。",)
    assert newest.words == (
        "更新周期由“每日”改为“实时”。",
        "填写了联系处室：登记科。",
        "增加信息项“经营范围”（scope）。",
        "去掉信息项“名称”（name）。",
        "信息项“备注”：长度由“200”改为“500”。",
    )
    assert actions.revise(code=CODE, content=after, by=SYSTEM, at=AT).revision == 2, "the same again is no revision"


def test_who_revises_what_somebody_else_revised_meanwhile_is_told(place: Departments) -> None:
    enter(place)
    actions.revise(code=CODE, content=replace(FIRMS, contact="甲科"), expected_revision=1, by=SYSTEM, at=AT)
    with pytest.raises(CannotChange):
        actions.revise(code=CODE, content=replace(FIRMS, contact="乙科"), expected_revision=1, by=SYSTEM, at=AT)


def test_what_is_retired_stays_with_its_history_and_leaves_the_lists(place: Departments) -> None:
    enter(place)
    keeper = place.actor("data-bureau.keeper")
    actions.retire(code=CODE, reason="系统停用", by=keeper, at=AT)
    assert queries.resource(CODE).state is State.RETIRED
    assert queries.search("企业登记", keeper).items == []
    assert [row.code for row in queries.listed(keeper, Filter(state=State.RETIRED)).items] == [CODE]
    assert Revision.objects.filter(resource__code=CODE).count() == 2
    with pytest.raises(CannotChange):
        actions.revise(code=CODE, content=FIRMS, by=keeper, at=AT)


def test_it_is_found_by_title_keyword_item_and_code(place: Departments) -> None:
    enter(place)
    enter(place, "anlan.civil.marriages", replace(FIRMS, title="婚姻登记信息", keywords=(), lake_table=""), "civil")
    by = place.actor("civil.clerk")
    found = {
        text: [row.code for row in queries.search(text, by).items] for text in ("企业 登记", "营业执照", "备注", CODE)
    }
    assert found["企业 登记"] == found["营业执照"] == found[CODE] == [CODE]
    assert found["备注"] == ["anlan.civil.marriages", CODE], "the shortest title first"
    one_sign = {sign: [row.code for row in queries.search(sign, by).items] for sign in "企执备"}
    assert one_sign == {"企": [CODE], "执": [CODE], "备": []}, "of title and keywords, not of items"


def test_pages_of_what_is_found_are_those_of_a_slow_search_forth_and_back(place: Departments) -> None:
    """Titles of every band of lengths, one of which is for its unit only, and one with the pieces that the index is asked for and not all."""
    titles = [
        "登记",
        "库登记信息",
        "登记库信息",
        *(f"登记信息{'附' * size}库" for size in (5, 5, 9, 14, 20, 40)),
        "库登记密",
    ]
    for number, title in enumerate(titles):
        secret = {"sharing": Sharing.REFUSED, "refusal_basis": "某法第八条", "ways": ()} if "密" in title else {}
        content = replace(FIRMS, title=title, keywords=(), items=FIRMS.items[2:], lake_table="", **secret)
        enter(place, f"anlan.market.n{number}", content)
    by = place.actor("civil.clerk")
    rows = Resource.objects.exclude(sharing=Sharing.REFUSED).order_by("weight", "id")
    found = {
        text: _forth_and_back(text, by) for text in ("登", "登记", "登记信息", "库 登记", "信息登记", "登记信息附附")
    }
    for text, codes in found.items():
        assert codes == [row.code for row in rows if {*queries.pieces_of(text)} <= {*row.words}], text
    assert [len(codes) for codes in found.values()] == [9, 9, 7, 8, 0, 6]


def _forth_and_back(text: str, by: Actor) -> list[str]:
    pages, cursor = [], None
    while True:
        found = queries.search(text, by, cursor, size=2)
        pages.append([row.code for row in found.items])
        if not (cursor := found.next_cursor):
            break
    for codes in reversed(pages[:-1]):
        found = queries.search(text, by, found.previous_cursor, size=2)
        assert [row.code for row in found.items] == codes
    return [code for codes in pages for code in codes]


def test_what_is_refused_is_seen_by_its_unit_and_the_authority_only(place: Departments) -> None:
    content = replace(FIRMS, sharing=Sharing.REFUSED, refusal_basis="某法第八条", ways=())
    enter(place, content=content)
    seen = {
        who: [row.code for row in queries.search("企业", place.actor(who)).items]
        for who in ("market.clerk", "civil.clerk", "data-bureau.keeper")
    }
    assert seen == {"market.clerk": [CODE], "civil.clerk": [], "data-bureau.keeper": [CODE]}
    with pytest.raises(NoSuchResource):
        queries.get(CODE, place.actor("civil.officer"))
    assert queries.search("企业", place.world.actor("mother")).items == []


def test_a_table_of_the_lake_leads_to_its_entry(place: Departments) -> None:
    enter(place)
    for table in ("registry.firms", f"raw.{CODE}", f"standard.{CODE}"):
        found = queries.find_resource_of_table(table)
        assert found is not None
        assert found.code == CODE
    assert queries.find_resource_of_table("raw.anlan.market.nothing") is None


def test_a_page_of_the_list_costs_two_queries(place: Departments, django_assert_max_num_queries) -> None:
    for number in range(12):
        enter(place, f"anlan.market.n{number}", replace(FIRMS, title=f"第{number}项登记", lake_table=""))
    by = place.actor("civil.clerk")
    with django_assert_max_num_queries(2):
        assert len(queries.search("登记", by, size=10).items) == 10
