"""Seals are made, stopped and destroyed by two, used by whom the packs name, and every use is written down."""

import io
from collections.abc import Callable
from datetime import timedelta

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from tests.unit.support.seals.conftest import PLACE, Authority
from tests.world import AT, World
from yiwang.kernel.access.contracts import NotPermitted
from yiwang.kernel.audit.models import AuditRecord
from yiwang.kernel.base.contracts import SYSTEM, Actor
from yiwang.kernel.ledger.models import Leaf
from yiwang.kernel.packs.contracts import PackSet
from yiwang.support.seals import _picture, actions, kinds, queries
from yiwang.support.seals.contracts import (
    Act,
    BadPicture,
    BadSeal,
    CannotChange,
    CertificateStatus,
    GroundsNeeded,
    NoAuthority,
    SealNotFound,
    SealRefused,
    SealStatus,
    SealView,
    SecondPersonNeeded,
)
from yiwang.support.seals.models import Key

pytestmark = pytest.mark.django_db
Staff = Callable[..., Actor]


def use(seal: SealView, paper: bytes, by: Actor = SYSTEM, thing: str = "licence:birth-certificate", at=AT):  # type: ignore[no-untyped-def]
    return actions.seal_ofd(
        seal_id=seal.id, data=paper, place=PLACE, thing=thing, subject="licence:1", purpose="签发证照", by=by, at=at
    )


def test_a_seal_is_made_by_two(world: World, authority: Authority, staff: Staff, paper: bytes) -> None:
    keeper, leader = staff("seal-keeper"), staff("leader", number=902)
    org = world.org("health")
    asked = actions.make_seal(org_id=org.id, kind="licence", name=org.name, grounds="新设", by=keeper, at=AT)
    assert (asked.status, asked.asked) == (SealStatus.PENDING, Act.MAKE)
    with pytest.raises(SealRefused):
        use(asked, paper)
    with pytest.raises(NotPermitted):
        actions.confirm(seal_id=asked.id, grounds="同意", by=keeper, at=AT)
    with pytest.raises(SecondPersonNeeded):
        actions.confirm(seal_id=asked.id, grounds="同意", by=staff("leader", number=901), at=AT)
    made = actions.confirm(seal_id=asked.id, grounds="同意", by=leader, at=AT)
    assert (made.status, made.asked) == (SealStatus.VALID, None)
    assert [event.word for event in queries.history(made.id, keeper)] == ["制作", "申请制作"]
    assert len(queries.certificates_of(made.id, keeper, at=AT)) == 2
    with pytest.raises(CannotChange):
        actions.confirm(seal_id=made.id, grounds="再来", by=leader, at=AT)


def test_stopping_takes_one_and_no_time_resuming_takes_two(seal: SealView, staff: Staff, paper: bytes) -> None:
    keeper, leader = staff("seal-keeper"), staff("leader", number=902)
    with pytest.raises(GroundsNeeded):
        actions.stop_seal(seal_id=seal.id, grounds=" ", by=keeper, at=AT)
    assert actions.stop_seal(seal_id=seal.id, grounds="疑似泄露", by=keeper, at=AT).status is SealStatus.STOPPED
    with pytest.raises(SealRefused) as refused:
        use(seal, paper)
    assert "停用" in refused.value.message
    assert queries.usable(seal.org_id, "licence", at=AT) is None
    actions.ask(seal_id=seal.id, act=Act.RESUME, grounds="已查清", by=keeper, at=AT)
    with pytest.raises(CannotChange):
        actions.ask(seal_id=seal.id, act=Act.DESTROY, grounds="另一项", by=keeper, at=AT)
    assert actions.decline(seal_id=seal.id, grounds="材料不全", by=leader, at=AT).status is SealStatus.STOPPED
    actions.ask(seal_id=seal.id, act=Act.RESUME, grounds="已补齐", by=keeper, at=AT)
    assert actions.confirm(seal_id=seal.id, grounds="同意", by=leader, at=AT).status is SealStatus.VALID
    assert use(seal, paper).size_bytes


def test_a_destroyed_seal_has_no_key_and_what_it_sealed_stays_valid(
    seal: SealView, staff: Staff, paper: bytes, authority: Authority
) -> None:
    keeper, leader = staff("seal-keeper"), staff("leader", number=902)
    before = use(seal, paper).data
    later = AT + timedelta(days=3)
    actions.ask(seal_id=seal.id, act=Act.DESTROY, grounds="机构撤并", by=keeper, at=later)
    assert actions.confirm(seal_id=seal.id, grounds="同意", by=leader, at=later).status is SealStatus.DESTROYED
    assert Key.objects.filter(private__isnull=True).count() == 2
    found = queries.certificates_of(seal.id, keeper, at=later)
    assert {row.status for row in found} == {CertificateStatus.REVOKED}
    with pytest.raises(SealRefused):
        use(seal, paper, at=later)
    for act in (Act.RESUME, Act.DESTROY):
        with pytest.raises(CannotChange):
            actions.ask(seal_id=seal.id, act=act, grounds="恢复", by=keeper, at=later)
    assert queries.verify_ofd(before).is_valid


def test_a_seal_that_ran_out_is_refused(seal: SealView, paper: bytes) -> None:
    later = AT + timedelta(days=365 * 3 + 1)
    with pytest.raises(SealRefused) as refused:
        use(seal, paper, at=later)
    assert "到期" in refused.value.message


def test_packs_say_who_may_put_which_seal_on_what(world: World, seal: SealView, staff: Staff, paper: bytes) -> None:
    assert use(seal, paper, staff("issuer", "health")).size_bytes
    for by, thing in ((staff("issuer", "health"), "document:notice"), (SYSTEM, "matter:any")):
        with pytest.raises(SealRefused):
            use(seal, paper, by, thing)
    for by in (staff("issuer", "other-health"), staff("window-clerk", "health"), staff("seal-keeper")):
        with pytest.raises(NotPermitted):
            use(seal, paper, by)
    org = world.org("health")
    official = actions.make_seal(org_id=org.id, kind="official", name=org.name, grounds="启用", by=SYSTEM, at=AT)
    assert use(official, paper, staff("approver", "health"), "document:notice").size_bytes
    with pytest.raises(SealRefused):
        use(official, paper, SYSTEM)


def test_every_use_stands_in_register_ledger_and_audit(seal: SealView, staff: Staff, paper: bytes) -> None:
    made = use(seal, paper, staff("issuer", "health"))
    (found,) = queries.uses(seal.id, staff("seal-keeper")).items
    assert (found.sha256, found.subject, found.account_id) == (made.sha256, "licence:1", 901)
    assert Leaf.objects.get(pk=found.leaf_id).kind == "seals.seal.used"
    assert AuditRecord.objects.filter(event="seals.seal.used", target=f"seal:{seal.id}").count() == 1
    with pytest.raises(SealNotFound):
        queries.uses(seal.id, staff("seal-keeper", "other-district"))


def test_who_may_make_and_what_is_no_seal(world: World, authority: Authority, staff: Staff) -> None:
    health = world.org("health").id
    with pytest.raises(NotPermitted):
        actions.make_seal(org_id=health, kind="licence", name="某某局", grounds="新设", by=staff("leader"), at=AT)
    for kind, name in (("crown", "某某局"), ("licence", "局"), ("licence", "长" * 25)):
        with pytest.raises(BadSeal):
            actions.make_seal(org_id=health, kind=kind, name=name, grounds="新设", by=staff("seal-keeper"), at=AT)
    with pytest.raises(SealNotFound):
        actions.stop_seal(seal_id=0, grounds="没有", by=SYSTEM, at=AT)


def test_without_an_authority_no_seal_is_made(world: World) -> None:
    org = world.org("health")
    with pytest.raises(NoAuthority):
        actions.make_seal(org_id=org.id, kind="licence", name=org.name, grounds="启用", by=SYSTEM, at=AT)


@pytest.mark.parametrize("name", ["局", "临江区卫生健康局", "某某省某某市某某县某某乡人民政府综合便民服务"])
def test_the_drawn_picture_is_round_red_and_clear_outside(name: str) -> None:
    with Image.open(io.BytesIO(_picture.drawn(name, inscription="电子证照专用章", width_mm=38))) as image:
        assert image.size == (456, 456)
        plain = image.convert("RGBA")
    corner, ring = plain.getpixel((0, 0)), plain.getpixel((228, 6))
    assert isinstance(corner, tuple)
    assert isinstance(ring, tuple)
    assert corner[3] < 16
    assert max(abs(a - b) for a, b in zip(ring, _picture.RED, strict=True)) < 40


def test_uploaded_pictures_are_taken_apart(world: World, authority: Authority, staff: Staff) -> None:
    good = _png(300, 200)
    marked = _png(300, 200, note="secret")
    assert b"secret" in marked
    assert b"secret" not in _picture.taken(marked)
    assert _picture.size_mm(good, width_mm=42) == (42, 28)
    big = io.BytesIO()
    Image.new("1", (5000, 5000)).save(big, "PNG")
    jpeg = io.BytesIO()
    Image.new("RGB", (200, 200)).save(jpeg, "JPEG")
    hostile = [b"", good[:60], b"<svg onload=alert(1)>", big.getvalue(), jpeg.getvalue(), _png(10, 10)]
    for upload in [*hostile, b"\x89PNG" * 400_000]:
        with pytest.raises(BadPicture):
            _picture.taken(upload)
    org = world.org("health")
    made = actions.make_seal(
        org_id=org.id, kind="official", name=org.name, grounds="沿用", picture=good, by=staff("seal-keeper"), at=AT
    )
    assert queries.picture(made.id, staff("seal-keeper")).startswith(b"\x89PNG")


def test_packs_check_finds_rules_that_nobody_can_follow() -> None:
    from yiwang.kernel.packs import queries as packs

    pack = packs.get(kinds.SEAL_POLICY, "national.seals.policy")
    everything = PackSet(packs.current())
    assert list(kinds.check(pack, everything)) == []
    body = pack.as_type(kinds.SealPolicy)
    wrong = body.model_copy(
        update={
            "kinds": (*body.kinds, body.kinds[0]),
            "uses": (
                kinds.UseRule(seal="crown", posts=("approver",), on=("*",)),
                kinds.UseRule(seal="official", on=("*",)),
                kinds.UseRule(seal="official", posts=("king",), on=("licence:nothing",)),
            ),
        }
    )
    from dataclasses import replace

    said = [problem.what for problem in kinds.check(replace(pack, body=wrong), everything)]
    assert len(said) == 5, said


def test_rates_are_measured_against_bare_calls() -> None:
    found = queries.rates(each=10, rounds=1)
    # How fast is nothing a test may say: a share of a thousandth is told as 0 on a busy machine.
    assert found
    assert all(rate is not None for rate in found.values()), found


def _png(width: int, height: int, note: str = "") -> bytes:
    stream, said = io.BytesIO(), PngInfo()
    if note:
        said.add_text("note", note)
    Image.new("RGBA", (width, height), (200, 0, 0, 120)).save(stream, "PNG", pnginfo=said)
    return stream.getvalue()
