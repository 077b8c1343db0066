"""One matter from filing to result: materials, documents, correction, 容缺, and who may see what."""

import io
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from PIL import Image

from tests.world import World
from yiwang.kernel.base.contracts import SYSTEM
from yiwang.kernel.cases import actions as engine
from yiwang.kernel.cases import queries as cases
from yiwang.kernel.cases.contracts import CannotAdvance, CaseView, NotYourStep
from yiwang.kernel.files import actions as files
from yiwang.kernel.workdays.contracts import Limit
from yiwang.services.applications import actions, queries
from yiwang.services.applications.contracts import (
    BadMaterials,
    CannotTrack,
    Channel,
    MaterialInput,
    MaterialsLacking,
    MaterialStatus,
    NothingCorrected,
    NotYourMaterial,
    Wanted,
)

SPARED = Wanted("id-card", "居民身份证", "main", "generated", matters=("m",))
ASKED = Wanted("invoice", "费用发票", "main", "applicant", matters=("m",))
LATER = Wanted("photo", "照片", "gap-allowed", "applicant", make_up="5 workdays", matters=("m",))


def upload(world: World, who: str = "mother") -> int:
    picture = io.BytesIO()
    Image.new("RGB", (60, 60), "white").save(picture, "PNG")
    picture.seek(0)
    by = world.actor(who)
    return files.store(
        stream=picture, filename="票.png", purpose="test", owner_party_id=by.party_id, by=by, at=world.at
    ).id


def filed(world: World, flow: str = "standard.public-service", **inputs: MaterialInput) -> CaseView:
    by = world.actor("mother")
    case = engine.open_case(
        kind="application",
        flow=flow,
        title="生育医疗待遇支付",
        org_id=world.org("health").id,
        region_code="990102000000",
        applicant_id=world.mother.id,
        subject="陈晓岚",
        data={"answers": {"child_name": "林一诺"}},
        limits={},
        by=by,
        at=world.at,
    )
    actions.enter(case=case, wanted=[SPARED, ASKED, LATER], inputs=inputs, channel=Channel.MOBILE, by=by, at=world.at)
    return case


def take(world: World, case: CaseView, step: str, choice: str, who: str, **more: Any) -> CaseView:
    return engine.advance(case_id=case.id, step=step, choice=choice, by=world.actor(who), at=world.at, **more)


def statuses(case: CaseView) -> dict[str, str]:
    return {item.key: item.status.value for item in queries.materials(case)}


def test_what_stands_how_at_filing(world: World) -> None:
    case = filed(world, invoice=MaterialInput(upload(world)))
    assert statuses(case) == {"id-card": "generated", "invoice": "provided", "photo": "lacking"}


def test_nobody_hands_in_what_was_not_asked(world: World) -> None:
    with pytest.raises(BadMaterials):
        filed(world, secrets=MaterialInput(upload(world)))


def test_another_persons_file_is_refused(world: World) -> None:
    with pytest.raises(NotYourMaterial):
        filed(world, invoice=MaterialInput(upload(world, "neighbour")))


def test_a_missing_main_material_stops_acceptance(world: World) -> None:
    case = filed(world)
    with pytest.raises(MaterialsLacking):
        take(world, case, "intake", "accept", "health.clerk")
    assert queries.documents(case.id) == []


def test_what_may_follow_is_accepted_with_its_day_and_said_so(world: World) -> None:
    case = filed(world, invoice=MaterialInput(upload(world)))
    take(world, case, "intake", "accept", "health.clerk")
    photo = next(item for item in queries.materials(case) if item.key == "photo")
    assert (photo.status, str(photo.make_up_on)) == (MaterialStatus.GAP, "2026-11-30")
    (notice,) = queries.documents(case.id)
    assert (notice.title, notice.document_no) == ("容缺受理通知书", "临卫容受〔2026〕第1号")
    assert "照片" in "".join(notice.paragraphs)
    assert "2026年11月30日" in "".join(notice.paragraphs)


def test_correction_names_everything_once_and_comes_back(world: World) -> None:
    case = filed(world, invoice=MaterialInput(upload(world)))
    actions.check_material(
        case_id=case.id, key="invoice", problem="看不清金额", by=world.actor("health.clerk"), at=world.at
    )
    take(world, case, "intake", "correct", "health.clerk", grounds="请补齐")
    (notice,) = queries.documents(case.id)
    assert notice.event == "correct"
    assert "费用发票（看不清金额）" in "".join(notice.paragraphs)
    with pytest.raises(NothingCorrected):
        take(world, case, "correction", "submit", "mother")
    actions.supply(case_id=case.id, key="invoice", file_id=upload(world), by=world.actor("mother"), at=world.at)
    take(world, case, "correction", "submit", "mother")
    take(world, case, "intake", "accept", "health.clerk")
    assert [d.event for d in queries.documents(case.id)] == ["correct", "accept-with-gaps"]


def test_documents_are_numbered_without_gaps_per_body_and_word(world: World) -> None:
    for n in (1, 2, 3):
        case = filed(world, invoice=MaterialInput(upload(world)))
        with pytest.raises(MaterialsLacking):
            take(world, filed(world), "intake", "accept", "health.clerk")
        take(world, case, "intake", "accept", "health.clerk")
        assert queries.documents(case.id)[0].document_no == f"临卫容受〔2026〕第{n}号"


def test_handed_in_files_are_kept_for_next_time_and_counted(world: World) -> None:
    file_id = upload(world)
    filed(world, invoice=MaterialInput(file_id))
    filed(world, invoice=MaterialInput(file_id))
    (kept,) = queries.kept(world.mother.id).items
    assert (kept.name, kept.used_times) == ("费用发票", 2)
    assert queries.kept(world.neighbour.id).items == []


def test_progress_needs_number_and_phone_tail(world: World) -> None:
    case = filed(world)
    assert queries.tracked(case.number, "0001").root.id == case.id
    for number, tail in ((case.number, "0002"), ("990102202611230000019", "0001"), (case.number, "")):
        with pytest.raises(CannotTrack):
            queries.tracked(number, tail)


def test_acceptance_by_silence_does_not_wait_for_materials(world: World) -> None:
    case = filed(world, "standard.permit")
    engine.sweep(by=SYSTEM, at=world.at.replace(month=12, day=15))
    after = cases.peek(case.id)
    assert [task.step for task in after.steps_open] == ["review"]


def preview(world: World, case: CaseView, choice: str, **more: Any) -> Any:
    return queries.preview(
        case_id=case.id, step="intake", choice=choice, by=world.actor("health.clerk"), at=world.at, **more
    )


@pytest.mark.parametrize("choice", ["accept", "correct", "refuse"])
def test_a_document_reads_in_the_preview_as_it_is_issued(world: World, choice: str) -> None:
    case = filed(world, invoice=MaterialInput(upload(world)))
    words = {"grounds": "" if choice == "accept" else "照片模糊"}
    (seen,) = preview(world, case, choice, **words)
    assert queries.documents(case.id) == []
    assert cases.peek(case.id).version == case.version
    take(world, case, "intake", choice, "health.clerk", **words)
    (issued,) = queries.documents(case.id)
    assert "〔2026〕第 —— 号" in seen.document_no
    assert issued.document_no == seen.document_no.replace(" —— ", "1")
    assert replace(issued, id=0, document_no="") == replace(seen, id=0, document_no="")


def test_a_preview_counts_the_days_of_clocks_that_do_not_run_yet(world: World) -> None:
    by = world.actor("mother")
    case = engine.open_case(
        kind="application",
        flow="standard.permit",
        title="公共场所卫生许可",
        org_id=world.org("health").id,
        region_code="990102000000",
        applicant_id=world.mother.id,
        subject="陈晓岚",
        data={"answers": {}},
        limits={"statutory": Limit.parse("20 workdays"), "promised": Limit.parse("5 workdays")},
        by=by,
        at=world.at,
    )
    actions.enter(case=case, wanted=[SPARED], inputs={}, channel=Channel.WEB, by=by, at=world.at)
    (seen,) = preview(world, case, "accept")
    assert "承诺5个工作日内办结，即2026年11月30日前" in "".join(seen.paragraphs)


def test_a_correction_names_the_day_until_which_it_waits(world: World) -> None:
    case = filed(world)
    (seen,) = preview(world, case, "correct", grounds="请补齐")
    assert "请在2026年12月14日前补正" in "".join(seen.paragraphs)


def test_a_preview_is_for_who_may_take_the_choice_and_says_what_is_lacking(world: World) -> None:
    case = filed(world)
    with pytest.raises(MaterialsLacking):
        preview(world, case, "accept")
    with pytest.raises(NotYourStep):
        queries.preview(case_id=case.id, step="intake", choice="refuse", by=world.actor("health.reviewer"), at=world.at)
    with pytest.raises(CannotAdvance):
        preview(world, case, "grant")


def test_a_case_that_is_accepted_again_is_told_no_second_time(world: World) -> None:
    case = filed(world, "standard.permit", invoice=MaterialInput(upload(world)), photo=MaterialInput(upload(world)))
    take(world, case, "intake", "accept", "health.clerk")
    later = replace(world, at=world.at + timedelta(days=2))
    take(later, case, "review", "back", "health.reviewer", grounds="请核对平面图")
    assert preview(later, case, "accept") == []
    take(later, case, "intake", "accept", "health.clerk")
    assert [document.event for document in queries.documents(case.id)] == ["accept"]
