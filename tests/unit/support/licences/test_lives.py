"""A licence from its first day to its last: renewed, passed on, moved, run out, and told of in time."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from django.test import Client

from tests.world import AT, SHANGHAI, World, make_uscc, place_packs
from yiwang.kernel.base.contracts import SYSTEM, Denied
from yiwang.kernel.packs import queries as packs
from yiwang.kernel.packs.contracts import PackSet
from yiwang.support.licences import actions, queries
from yiwang.support.licences.contracts import (
    CannotChange,
    CannotRenew,
    CannotTransfer,
    Change,
    Holder,
    LicenceView,
    RegisterFilter,
    Status,
    WrongFields,
)
from yiwang.support.licences.kinds import LICENCE_TYPE
from yiwang.support.licences.models import LicenceEvent
from yiwang.support.notify import queries as messages

As = Callable[[str], Client]
PERMIT = "public-place-hygiene-permit"
FACE = {
    "firm": "安澜市青禾面馆",
    "legal_representative": "周敏",
    "premises": "青禾面馆",
    "address": "临江区柳岸路1号",
    "kind": "catering",
}
SOON = datetime(2030, 10, 20, 9, 0, tzinfo=SHANGHAI)
AFTER = datetime(2030, 11, 23, 0, 7, tzinfo=SHANGHAI)


@pytest.fixture
def permit(world: World) -> LicenceView:
    """Valid from 2026-11-23 to 2030-11-22."""
    return actions.issue(
        type_id=PERMIT,
        holder=Holder(world.firm.name, "001", world.firm.id_number),
        issuer_org_id=world.org("health").id,
        fields=FACE,
        by=world.actor("health.approver"),
        at=AT,
    )


@pytest.fixture
def transferable(world: World) -> Iterator[None]:
    """The packs in force, with a law that lets the permit pass to another holder."""
    shipped = place_packs()
    pack = shipped.get(LICENCE_TYPE, PERMIT)
    made = replace(pack, body=pack.body.model_copy(update={"may_transfer": True}))
    others = [each for each in shipped if each is not pack]
    with packs.using(PackSet([*others, made], place=shipped.place, chain=shipped.chain, below=shipped.below)):
        yield


def operations(licence_id: int) -> list[tuple[str, str]]:
    return list(LicenceEvent.objects.filter(licence=licence_id).order_by("id").values_list("operation", "status"))


def test_renewal_is_a_new_version_that_holds_longer(permit: LicenceView, world: World) -> None:
    boss = world.actor("health.approver")
    with pytest.raises(CannotRenew, match="2030-08-24起"):
        actions.renew(licence_id=permit.id, grounds="到期延续", by=boss, at=AT)
    renewed = actions.renew(licence_id=permit.id, grounds="到期延续", by=boss, at=SOON)
    assert (renewed.valid_from, renewed.valid_to) == (date(2026, 11, 23), date(2034, 11, 22))
    assert (renewed.version, renewed.number) == (2, permit.number)
    assert renewed.identifier != permit.identifier
    assert operations(permit.id) == [("01", "01"), ("02", "01")]
    with pytest.raises(Denied):
        actions.renew(licence_id=permit.id, grounds="到期延续", by=world.actor("health.clerk"), at=SOON)


def test_what_is_over_or_suspended_or_has_no_end_is_not_renewed(permit: LicenceView, world: World) -> None:
    boss = world.actor("health.approver")
    with pytest.raises(CannotRenew, match="有效期已过"):
        actions.renew(licence_id=permit.id, grounds="到期延续", by=boss, at=AFTER)
    actions.suspend(licence_id=permit.id, grounds="检查不合格", by=boss, at=SOON)
    with pytest.raises(CannotRenew, match="暂扣"):
        actions.renew(licence_id=permit.id, grounds="到期延续", by=boss, at=SOON)
    actions.resume(licence_id=permit.id, grounds="整改合格", by=boss, at=SOON)
    with pytest.raises(WrongFields):
        actions.renew(licence_id=permit.id, grounds="到期延续", valid_to=date(2030, 11, 1), by=boss, at=SOON)


def test_what_the_law_does_not_let_pass_stays_with_its_holder(permit: LicenceView, world: World) -> None:
    with pytest.raises(CannotTransfer, match="法律没有规定"):
        actions.transfer(
            licence_id=permit.id,
            holder=Holder("安澜市新禾面馆", "001", make_uscc("92990102MA00000", 78)),
            grounds="店面转让",
            by=world.actor("health.approver"),
            at=AT,
        )


def test_a_transfer_ends_one_licence_begins_another_and_keeps_them_linked(
    permit: LicenceView, world: World, transferable: None
) -> None:
    boss, new = world.actor("health.approver"), Holder("安澜市新禾面馆", "001", make_uscc("92990102MA00000", 78))
    actions.change(licence_id=permit.id, to=Change.MOVE_OUT, grounds="申请转移", by=boss, at=AT)
    assert not queries.verify(permit.verify_code, on=AT.date()).is_valid  # type: ignore[union-attr]
    with pytest.raises(CannotTransfer, match="相同"):
        actions.transfer(
            licence_id=permit.id,
            holder=Holder("同一个", "001", world.firm.id_number),
            grounds="店面转让",
            by=boss,
            at=AT,
        )
    after = actions.transfer(
        licence_id=permit.id, holder=new, grounds="店面转让", fields={"firm": new.name}, by=boss, at=AT
    )
    assert (after.valid_to, after.holder_masked, after.status) == (permit.valid_to, new.name, Status.VALID)
    assert operations(permit.id) == [("01", "01"), ("07", "06"), ("05", "04")]
    assert operations(after.id) == [("08", "01")]
    chain = queries.chain(after)
    assert chain.before is not None
    assert (chain.before.id, chain.after) == (permit.id, None)
    assert queries.chain(chain.before).after == queries.get(after.id)
    assert queries.of_holder(world.firm.subject_key, on=AT.date())[0].status is Status.CANCELLED
    with pytest.raises(CannotTransfer, match="注销"):
        actions.transfer(licence_id=permit.id, holder=new, grounds="再转一次", by=boss, at=AT)


def test_a_move_may_be_called_off(permit: LicenceView, world: World) -> None:
    boss = world.actor("health.approver")
    actions.change(licence_id=permit.id, to=Change.MOVE_OUT, grounds="申请转移", by=boss, at=AT)
    with pytest.raises(CannotChange):
        actions.suspend(licence_id=permit.id, grounds="检查不合格", by=boss, at=AT)
    back = actions.change(licence_id=permit.id, to=Change.STAY, grounds="不转了", by=boss, at=AT)
    assert back.status is Status.VALID
    assert operations(permit.id)[-1] == ("10", "01")


def test_what_runs_out_is_ended_once_and_its_holder_is_told(permit: LicenceView, world: World) -> None:
    last_day = AFTER - timedelta(days=1)
    assert actions.lapse(by=SYSTEM, at=last_day) == 0
    assert queries.get(permit.id, on=last_day.date()).is_valid
    assert queries.get(permit.id, on=AFTER.date()).status is Status.LAPSED
    assert (actions.lapse(by=SYSTEM, at=AFTER), actions.lapse(by=SYSTEM, at=AFTER)) == (1, 0)
    assert operations(permit.id) == [("01", "01"), ("04", "05")]
    found = queries.verify(permit.verify_code, on=AFTER.date())
    assert found is not None
    assert (found.is_valid, found.recorded, found.sentence) == (
        False,
        Status.LAPSED,
        "这份证照的有效期到2030年11月22日为止，已经失效。",
    )
    assert [each.zh.title for each in messages.inbox(world.firm.id).items] == ["证照已过有效期"]


def test_holders_are_reminded_once_for_each_lead(permit: LicenceView, world: World) -> None:
    assert actions.remind(by=SYSTEM, at=SOON - timedelta(days=40)) == 0
    for days_before, told in ((50, 1), (49, 0), (33, 0), (30, 1), (12, 0)):
        at = datetime(2030, 11, 22, 9, 0, tzinfo=SHANGHAI) - timedelta(days=days_before)
        assert actions.remind(by=SYSTEM, at=at) == told, days_before
    said = [each.zh for each in messages.inbox(world.firm.id).items]
    assert [each.title for each in said] == ["证照快到期了"] * 2
    assert "11月22日为止" in said[0].text
    actions.renew(licence_id=permit.id, grounds="到期延续", by=world.actor("health.approver"), at=SOON)
    assert actions.remind(by=SYSTEM, at=SOON) == 0


def test_the_register_tells_what_has_run_out_before_it_is_written_down(permit: LicenceView, world: World) -> None:
    boss = world.actor("health.approver")

    def found(status: str, on: date) -> int:
        return len(queries.register(boss, RegisterFilter(status=status), on=on).items)

    assert (found("01", AT.date()), found("05", AT.date())) == (1, 0)
    assert (found("01", AFTER.date()), found("05", AFTER.date())) == (0, 1)


def test_a_clerk_corrects_and_passes_on_at_the_desk(
    permit: LicenceView, world: World, client_as: As, transferable: None
) -> None:
    desk = client_as("health.approver")
    page = desk.get(f"/desk/licences/{permit.id}").content.decode()
    assert "转移给新的持证主体" in page
    answer = desk.post(
        f"/desk/licences/{permit.id}/correction", {"grounds": "店名写错", "field.premises": "青禾手工面馆"}, follow=True
    )
    assert "青禾手工面馆" in answer.content.decode()
    answer = desk.post(f"/desk/licences/{permit.id}/renewal", {"grounds": "提前", "valid_to": "now"}, follow=True)
    assert "日期写得不对" in answer.content.decode()
    told = desk.post(
        f"/api/desk/licences/{permit.id}/transfer",
        {"grounds": "店面转让", "name": "新禾面馆", "id_type": "001", "id_number": make_uscc("92990102MA00000", 78)},
        content_type="application/json",
    ).json()
    assert told["version"] == 1
    assert desk.get(f"/api/desk/licences/{told['id']}/chain").json()["before"]["id"] == permit.id
    assert f"/desk/licences/{permit.id}" in desk.get(f"/desk/licences/{told['id']}").content.decode()
    clerk = client_as("health.clerk")
    assert "变更内容" not in clerk.get(f"/desk/licences/{told['id']}").content.decode()
    assert clerk.post(f"/desk/licences/{told['id']}/transfer", {"grounds": "试试"}).status_code == 403
