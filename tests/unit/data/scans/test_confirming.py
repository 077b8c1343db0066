"""People's word: every doubtful field, who said what and when, a second person's check, and rows in the lake that lead back to the picture."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from django.db import transaction

from tests.departments import Departments
from tests.jobs import run_waiting
from tests.unit.data.ingest.conftest import rows
from tests.unit.data.scans.conftest import LICENCE, NUMBERS, REGISTER, RESOURCE, USCC, Drawer, Hand, licence
from tests.unit.kernel.retention.test_retention import as_owner
from tests.world import AT
from yiwang.data.ingest import queries as ingest
from yiwang.data.scans import _retention, actions, queries
from yiwang.data.scans.contracts import (
    Act,
    CannotSettle,
    Held,
    NotAsAsked,
    NotForThisPost,
    PageView,
    Settling,
    Stand,
)
from yiwang.data.scans.models import Cell, Deed, Page
from yiwang.kernel.audit import queries as audit
from yiwang.kernel.base.contracts import SYSTEM, Actor
from yiwang.kernel.base.sealing import sealed_index
from yiwang.kernel.files import queries as files
from yiwang.kernel.files.contracts import NoSuchFile

__all__ = ["as_owner"]
WRONG = "91110000600037341M"


@pytest.fixture
def clerk(office: Departments) -> Actor:
    return office.actor("market.records-a")


@pytest.fixture
def other(office: Departments) -> Actor:
    return office.actor("market.records-b")


def next_page(batch_id: int, by: Actor, stand: Stand = Stand.DOUBTFUL) -> PageView:
    page_id = actions.take_next(batch_id=batch_id, stand=stand, by=by, at=AT)
    assert page_id is not None
    return actions.open_page(page_id=page_id, by=by, at=AT)


def said(page: PageView, **values: str) -> list[Settling]:
    """The doubtful fields as they stand, but for those that are given."""
    return [Settling(each.id, values.get(each.column, each.value)) for each in page.doubtful]


@pytest.mark.usefixtures("no_sample")
def test_every_doubtful_field_is_confirmed_or_put_right_and_who_did_it_is_kept(
    hand: Hand, drawer: Drawer, clerk: Actor, other: Actor
) -> None:
    batch = hand(drawer.picture(licence(uscc=WRONG, 住所="")))
    page = next_page(batch.id, clerk)
    assert actions.take_next(batch_id=batch.id, by=other, at=AT) is None, "somebody has it at hand"
    with pytest.raises(NotAsAsked) as refused:
        actions.confirm(page_id=page.id, words=said(page), by=clerk, at=AT)
    (place,) = refused.value.places
    assert "校验位" in place.message
    done = actions.confirm(
        page_id=page.id, words=said(page, 统一社会信用代码=USCC, 住所="安澜市江滨路16号"), by=clerk, at=AT
    )
    assert done.stand is Stand.READY
    assert {each.held for each in done.fields} == {Held.SURE, Held.CONFIRMED}
    assert {(each.act, each.column, each.name) for each in queries.deeds(page.id, other)} == {
        (Act.CHANGED, "统一社会信用代码", "档案员a"), (Act.CHANGED, "住所", "档案员a"),
    }  # fmt: skip
    with pytest.raises(CannotSettle):
        actions.confirm(page_id=page.id, words=[], by=other, at=AT)


@pytest.mark.usefixtures("no_sample")
def test_rows_go_into_the_lake_and_totals_reconcile(
    hand: Hand, drawer: Drawer, clerk: Actor, office: Departments
) -> None:
    batch = hand(
        drawer.picture(licence()),
        drawer.picture(licence(uscc=WRONG)),
        drawer.picture(licence(uscc=WRONG, name="乙")),
        drawer.picture(licence(uscc=WRONG, name="丙")),
        drawer.picture("食品经营许可证"),
    )
    page = next_page(batch.id, clerk)
    as_written = [replace(each, is_as_written=True) for each in said(page)]
    assert actions.confirm(page_id=page.id, words=as_written, by=clerk, at=AT).stand is Stand.READY
    lost = next_page(batch.id, clerk)
    unreadable = [replace(each, is_unreadable=True) for each in said(lost)]
    assert actions.confirm(page_id=lost.id, words=unreadable, by=clerk, at=AT).stand is Stand.UNREADABLE
    torn = next_page(batch.id, clerk)
    actions.put_aside(page_id=torn.id, reason="几页粘连", by=clerk, at=AT)
    run_waiting()
    done = queries.batch(batch.id)
    assert done.is_settled
    assert done.stands == {Stand.READY: 2, Stand.UNREADABLE: 1, Stand.ASIDE: 2}
    assert (done.rows, sum(done.stands.values())) == (2, done.pages)
    taken = ingest.batch(done.parts[0])
    assert (taken.read, taken.taken, taken.standard, taken.unfit) == (2, 2, 1, 1)
    assert rows(f"standard.{RESOURCE}", "uscc, established_on::VARCHAR, scan") == [
        (USCC, "2019-08-15", f"{batch.id}-1-1")
    ]
    assert queries.page_of_row(f"{batch.id}-1-1", clerk) == Page.objects.get(batch=batch.id, number=1).pk
    actions.hand_over(batch_id=batch.id, by=SYSTEM, at=AT)
    assert queries.batch(batch.id).parts == done.parts, "once more changes nothing"


def test_a_second_person_checks_what_was_drawn_and_may_send_it_back(
    hand: Hand, drawer: Drawer, clerk: Actor, other: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("yiwang.data.scans._machine.drawn", lambda share: True)
    batch = hand(drawer.picture(licence(uscc=WRONG)))
    page = next_page(batch.id, clerk)
    done = actions.confirm(page_id=page.id, words=said(page, 统一社会信用代码=USCC), by=clerk, at=AT)
    assert done.stand is Stand.CHECKING
    assert actions.take_next(batch_id=batch.id, stand=Stand.CHECKING, by=clerk, at=AT) is None
    with pytest.raises(CannotSettle):
        actions.check(page_id=page.id, is_right=True, by=clerk, at=AT)
    drawn = next_page(batch.id, other, Stand.CHECKING)
    back = actions.check(page_id=drawn.id, is_right=False, reason="住所少一个字", by=other, at=AT)
    assert (back.stand, len(back.doubtful)) == (Stand.DOUBTFUL, len(back.fields))
    monkeypatch.setattr("yiwang.data.scans._machine.drawn", lambda share: False)
    again = next_page(batch.id, clerk)
    once_more = actions.confirm(page_id=again.id, words=said(again), by=clerk, at=AT)
    assert once_more.stand is Stand.CHECKING, "what was sent back is checked again"
    assert actions.check(page_id=drawn.id, is_right=True, by=other, at=AT).stand is Stand.READY


@pytest.mark.usefixtures("no_sample")
def test_ready_pages_go_on_in_parts_while_others_wait(
    hand: Hand, drawer: Drawer, monkeypatch: pytest.MonkeyPatch
) -> None:
    from yiwang.data.scans import _forms

    form = _forms.get(LICENCE)
    in_parts = replace(form, body=form.body.model_copy(update={"part_pages": 2}))
    monkeypatch.setattr(_forms, "of", lambda batch: in_parts)
    batch = hand(*(drawer.picture(licence(name=f"第{n}家")) for n in range(3)), drawer.picture(licence(uscc=WRONG)))
    run_waiting()
    done = queries.batch(batch.id)
    assert (done.is_settled, done.rows, len(done.parts)) == (False, 3, 1)


@pytest.mark.usefixtures("no_sample")
def test_an_unreadable_line_of_a_register_is_left_out_and_counted(
    hand: Hand, drawer: Drawer, office: Departments
) -> None:
    text = f"登记簿\n姓名     身份证号               发放日期\n陈晓岚   {NUMBERS[0]}   2011-03-02\n周敏     1101   2011-03-05"
    clerk = office.actor("civil.records-a")
    batch = hand(drawer.picture(text), form=REGISTER)
    page = next_page(batch.id, clerk)
    words = [replace(each, is_unreadable=True) for each in said(page)]
    assert actions.confirm(page_id=page.id, words=words, by=clerk, at=AT).stand is Stand.READY
    run_waiting()
    done = queries.batch(batch.id)
    assert (done.rows, done.left_out) == (1, 1)


@pytest.mark.usefixtures("no_sample")
def test_whose_number_it_is_sees_who_looked_and_others_may_not(
    hand: Hand, drawer: Drawer, clerk: Actor, office: Departments
) -> None:
    batch = hand(drawer.picture(licence(住所="")))
    page = next_page(batch.id, clerk)
    (use,) = audit.disclosures_of(sealed_index(USCC)).items
    assert (use.purpose, use.account_id) == ("存量档案数字化", clerk.account_id)
    assert "firm.legal-representative" in use.elements
    with pytest.raises(NotForThisPost):
        actions.open_page(page_id=page.id, by=office.actor("data-bureau.keeper"), at=AT)


@pytest.mark.usefixtures("no_sample")
def test_a_page_put_aside_can_be_taken_back(hand: Hand, drawer: Drawer, clerk: Actor) -> None:
    batch = hand(drawer.picture("食品经营许可证\n统一社会信用代码  " + USCC))
    page = Page.objects.get(batch=batch.id)
    assert queries.batch(batch.id).is_settled
    back = actions.take_back(page_id=page.pk, by=clerk, at=AT)
    assert (back.stand, queries.batch(batch.id).is_settled) == (Stand.DOUBTFUL, False)


@pytest.mark.usefixtures("no_sample")
def test_pictures_go_when_their_time_is_over(
    as_owner: Callable[[], None], hand: Hand, drawer: Drawer, clerk: Actor
) -> None:
    batch = hand(drawer.picture(licence(uscc=WRONG)))
    page = next_page(batch.id, clerk)
    actions.confirm(page_id=page.id, words=said(page, 统一社会信用代码=USCC), by=clerk, at=AT)
    later = AT.replace(year=AT.year + 2)
    assert list(_retention._due(later, done=[])) == [], "its rows have not gone on yet"
    run_waiting()
    assert list(_retention._due(AT, done=[])) == []
    assert list(_retention._due(later, done=[])) == [batch.id]
    as_owner()
    with transaction.atomic():
        _retention._erase(numbers=[batch.id], ground="", by=SYSTEM, at=later)
    row = Page.objects.get(batch=batch.id)
    with pytest.raises(NoSuchFile):
        files.open(row.file_id)
    assert {cell.value for cell in Cell.objects.filter(page=row)} == {""}
    assert [(deed.act, deed.after) for deed in Deed.objects.filter(page=row)] == [(Act.CHANGED, "")]
