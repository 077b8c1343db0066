"""批量签发: what is wrong is said line by line, what is right is issued once, whoever is killed in between."""

import csv
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests.unit.data.ingest.test_taking import write_book
from tests.world import AT, World, make_id_number
from yiwang.kernel.base.contracts import SYSTEM, Denied
from yiwang.kernel.ledger import actions as ledger
from yiwang.support.licences import _batches, actions, jobs, queries
from yiwang.support.licences.contracts import BadBatch, BatchState, BatchView, CannotChange
from yiwang.support.licences.models import BatchLine, Licence, LicenceEvent

As = Callable[[str], Client]
HEADER = ["持证人", "证件号码", "证照内容：姓名", "证照内容：性别", "证照内容：出生日期", "证照内容：公民身份号码"]
Read = Callable[..., BatchView]


def person(number: int) -> list[str]:
    own = make_id_number("990102194811020", number)
    name = f"周{'甲乙丙丁戊己庚辛'[number]}"
    return [name, own, name, "2", "1948-11-02", own]


def file_of(lines: list[list[str]], *, encoding: str = "gb18030") -> bytes:
    stream = io.StringIO()
    csv.writer(stream).writerows([HEADER, *lines])
    return stream.getvalue().encode(encoding)


@pytest.fixture
def read(world: World) -> Read:
    def taken(content: bytes, **changes: Any) -> BatchView:
        values: dict[str, Any] = {
            "type_id": "senior-card",
            "org_id": world.org("health").id,
            "filename": "优待证.csv",
            "content": content,
            "grounds": "换发优待证",
            "by": world.actor("health.approver"),
            "at": AT,
        }
        return actions.read_batch(**{**values, **changes})

    return taken


def test_what_is_wrong_is_said_line_by_line_and_the_rest_is_issued(read: Read, world: World) -> None:
    lines = [person(n) for n in range(1, 8)]
    lines[1][1] = "990102194811020999"
    lines[2][4] = "1948-13-02"
    lines[3] = lines[0]
    lines[4] = lines[4][:3]
    batch = read(file_of(lines))
    assert (batch.total, batch.wrong, batch.state) == (7, 4, BatchState.READ)
    said = {each.line: each.problem for each in queries.batch_problems(batch.id)}
    assert set(said) == {3, 4, 5, 6}
    assert (said[3], said[5], said[6]) == ("证件号码不对。", "持证主体与第2行相同。", "列数与表头不同。")
    assert Licence.objects.count() == 0
    assert read(file_of(lines)) == batch
    actions.start_batch(batch_id=batch.id, by=world.actor("health.approver"), at=AT)
    jobs.issue_batch(batch.id)
    done = queries.batch(batch.id, world.actor("health.approver"))
    assert (done.state, done.issued, done.wrong) == (BatchState.DONE, 3, 4)
    rows = list(queries.batch_report(batch.id))
    assert [bool(number) for _, number, _, _ in rows] == [True, False, False, False, False, True, True]
    assert not BatchLine.objects.filter(batch=batch.id, licence__isnull=False, said__isnull=False).exists()
    with pytest.raises(CannotChange):
        actions.start_batch(batch_id=batch.id, by=world.actor("health.approver"), at=AT)


def test_each_is_a_licence_like_any_other(read: Read, world: World) -> None:
    batch = read(file_of([person(1), person(2)], encoding="utf-8-sig"))
    actions.start_batch(batch_id=batch.id, by=world.actor("health.approver"), at=AT)
    jobs.issue_batch(batch.id)
    ledger.sequence(by=SYSTEM, at=AT)
    row = Licence.objects.order_by("id")[0]
    found = queries.verify(row.verify_code, on=AT.date())
    assert found is not None
    assert found.is_valid
    proof = queries.proof_of(found.leaf_id)
    assert proof is not None
    assert proof["opening"] is not None
    assert queries.face(row.pk, on=AT.date()).holder_name == "周乙"
    assert queries.history(row.pk)[0].grounds == "换发优待证"
    single = actions.issue(
        type_id="senior-card",
        holder=queries_holder(world),
        issuer_org_id=world.org("health").id,
        fields=dict(row.fields),
        by=world.actor("health.approver"),
        at=AT,
    )
    numbers = list(Licence.objects.order_by("id").values_list("number", flat=True))
    assert [int(each[-4:]) for each in numbers] == [1, 2, 3], single.number


def queries_holder(world: World) -> Any:
    from yiwang.support.licences.contracts import Holder

    return Holder("周敏", "111", world.neighbour.id_number)


def test_whoever_is_killed_between_two_pieces_issues_no_line_twice(
    read: Read, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_batches, "PIECE", 2)
    batch = read(file_of([person(n) for n in range(1, 6)]))
    actions.start_batch(batch_id=batch.id, by=world.actor("health.approver"), at=AT)
    actions.issue_part(batch_id=batch.id, by=SYSTEM, at=AT)
    link = _batches._link

    def killed(*given: Any) -> None:
        link(*given)
        raise KeyboardInterrupt

    monkeypatch.setattr(_batches, "_link", killed)
    with pytest.raises(KeyboardInterrupt):
        actions.issue_part(batch_id=batch.id, by=SYSTEM, at=AT)
    monkeypatch.setattr(_batches, "_link", link)
    assert queries.batches_running() == [batch.id]
    jobs.batches(0)
    assert Licence.objects.count() == LicenceEvent.objects.count() == 5
    assert sorted(int(number[-4:]) for number in Licence.objects.values_list("number", flat=True)) == [1, 2, 3, 4, 5]
    assert queries.batches_running() == []


def test_a_number_used_meanwhile_falls_out_alone(read: Read, world: World) -> None:
    batch = read(file_of([person(1), person(2)]))
    line = BatchLine.objects.get(batch=batch.id, line=2)
    line.said = {**line.said, "number": "X-1"}
    line.save()
    actions.issue(
        type_id="senior-card",
        holder=queries_holder(world),
        issuer_org_id=world.org("health").id,
        fields=line.said["fields"],
        number="X-1",
        by=world.actor("health.approver"),
        at=AT,
    )
    actions.start_batch(batch_id=batch.id, by=world.actor("health.approver"), at=AT)
    jobs.issue_batch(batch.id)
    done = queries.batch(batch.id, world.actor("health.approver"))
    assert (done.issued, done.wrong) == (1, 1)
    assert queries.batch_problems(batch.id)[0].problem == "这个编号已经用过。"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (file_of([]), "没有数据行"),
        ("持证人,生肖\n周敏,鼠\n".encode(), "不认识这些列：生肖"),
        ("持证人\n周敏\n".encode(), "缺少列：证件号码"),
        ("持证人,证件号码,证件号码\n周敏,1,1\n".encode(), "写了两次"),
    ],
)
def test_a_file_that_is_no_list_of_holders_is_refused(read: Read, content: bytes, said: str) -> None:
    with pytest.raises(BadBatch, match=said):
        read(content)


def test_the_desk_takes_a_workbook_and_shows_how_far_it_is(world: World, client_as: As, tmp_path: Path) -> None:
    write_book(tmp_path / "book.xlsx", [HEADER, person(1), person(2), ["周", "1", "", "", "", ""]])
    desk = client_as("health.approver")
    given = {"type": "senior-card", "org": world.org("health").id, "grounds": "换发"}
    upload = SimpleUploadedFile("优待证.xlsx", (tmp_path / "book.xlsx").read_bytes())
    page = desk.post("/desk/licences/batches/new", {**given, "file": upload}, follow=True)
    text = page.content.decode()
    assert "签发2份" in text
    assert "证件号码不对。" in text
    path = page.request["PATH_INFO"]
    assert client_as("other-health.approver").get(path).status_code == 404
    assert "正在签发" in desk.post(f"{path}/start", follow=True).content.decode()
    batch_id = int(path.rpartition("/")[2])
    jobs.issue_batch(batch_id)
    assert desk.get(f"/api{path}").json()["issued"] == 2
    report = desk.get(f"{path}/report.csv").content.decode()
    assert report.count("1.2.156.3005.2.") == 2
    assert "周乙" not in report
    assert "没有选文件" in desk.post("/desk/licences/batches/new", given, follow=True).content.decode()
    assert (
        desk.get("/desk/licences/batches/template?type=senior-card").content.decode("utf-8-sig").startswith("持证人,")
    )


def test_only_who_issues_reads_a_batch(read: Read, world: World) -> None:
    with pytest.raises(Denied):
        read(file_of([person(1)]), by=world.actor("health.clerk"))
