"""告知承诺: promised and read, documents at acceptance, checked after the result, kept or broken, barred afterwards."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from tests.unit.services.applications.test_applications import upload
from tests.world import World
from yiwang.kernel.cases import actions as engine
from yiwang.kernel.cases import queries as cases
from yiwang.kernel.cases.contracts import CaseView, GroundsMissing, NotYourCase, NotYourStep, SameHolder
from yiwang.services.applications import actions, queries
from yiwang.services.applications.contracts import (
    BadMaterials,
    CannotCheckPromise,
    CannotPromise,
    Channel,
    Found,
    MaterialInput,
    NothingPromised,
    PromiseOffer,
    Sent,
    Wanted,
)
from yiwang.services.matters.kinds import MaterialPart

PROOF = Wanted(
    "residence-proof",
    "居住证明",
    "main",
    "applicant",
    may_promise=True,
    proves="本人现在本区居住",
    proof_basis="《某办法》第九条",
    check_within="15 workdays",
    matters=("m",),
)
ASKED = Wanted("invoice", "费用发票", "gap-allowed", "applicant", make_up="5 workdays", matters=("m",))
PROMISED = MaterialInput(is_promised=True)


def filed(world: World, **inputs: MaterialInput) -> CaseView:
    by = world.actor("mother")
    case = engine.open_case(
        kind="application",
        flow="standard.public-service",
        title="居民医保参保登记",
        org_id=world.org("health").id,
        region_code="990102000000",
        applicant_id=world.mother.id,
        subject="陈晓岚",
        data={"matter": {"id": "m"}, "answers": {}},
        limits={},
        by=by,
        at=world.at,
    )
    actions.enter(case=case, wanted=[PROOF, ASKED], inputs=inputs, channel=Channel.WEB, by=by, at=world.at)
    return case


def granted(world: World, **inputs: MaterialInput) -> CaseView:
    case = filed(world, **{"residence-proof": PROMISED, **inputs})
    by = world.actor("health.clerk")
    return engine.advance(case_id=case.id, step="intake", choice="at-once", by=by, at=world.at)


def say(world: World, case: CaseView, who: str, *, is_kept: bool, words: str = "经社区核实", days: int = 0) -> Any:
    at = world.at + timedelta(days=days)
    return actions.check_promise(
        case_id=case.id, key="residence-proof", is_kept=is_kept, words=words, by=world.actor(who), at=at
    )


def check_of(case: CaseView) -> CaseView:
    promise = queries.materials(case)[0].promise
    assert promise is not None
    return cases.by_number(promise.check_number)


def broken(world: World, case: CaseView) -> None:
    say(world, case, "health.reviewer", is_kept=False, words="社区查无此人")
    check = check_of(case)
    engine.advance(
        case_id=check.id, step="heard", choice="explained", grounds="我记错了", by=world.actor("mother"), at=world.at
    )
    say(world, case, "health.approver", is_kept=False, words="申请人不在本区居住")


def test_a_promise_is_accepted_with_the_words_that_were_read(world: World) -> None:
    case = filed(world, **{"residence-proof": PROMISED})
    rows = queries.material_rows([PROOF], {}, Sent(), (), None)
    assert (rows[0].terms, rows[0].barred_until) == (None, None)
    engine.advance(case_id=case.id, step="intake", choice="accept", by=world.actor("health.clerk"), at=world.at)
    _, notice, promise = queries.documents(case.id)
    assert (notice.title, notice.document_no) == ("证明事项告知承诺制告知书", "临卫告〔2026〕第1号")
    assert (promise.title, promise.document_no) == ("证明事项告知承诺制承诺书", "临卫诺〔2026〕第1号")
    # 国办发〔2020〕42号: what a notice must say.
    for said in (
        "居住证明",
        "《某办法》第九条",
        "本人现在本区居住",
        "书面承诺",
        "依法追究刑事责任",
        "15个工作日内",
        "核查",
    ):
        assert said in "".join(notice.paragraphs), said
    assert (promise.addressee, promise.signed_by) == ("临江区卫生健康局", "陈晓岚")
    assert "本人现在本区居住，以上情况属实" in "".join(promise.paragraphs)
    shown = queries.materials(case)[0].promise
    assert shown is not None
    assert (shown.notice_id, shown.promise_no, shown.check_number) == (notice.id, "临卫诺〔2026〕第1号", "")


def test_the_documents_of_a_promise_are_in_the_preview_of_acceptance(world: World) -> None:
    case = filed(world, **{"residence-proof": PROMISED})
    drafts = queries.preview(
        case_id=case.id, step="intake", choice="accept", by=world.actor("health.clerk"), at=world.at
    )
    assert [draft.document_no for draft in drafts][1:] == ["临卫告〔2026〕第 —— 号", "临卫诺〔2026〕第 —— 号"]


def test_only_what_may_be_promised_is(world: World) -> None:
    with pytest.raises(BadMaterials) as refused:
        filed(world, invoice=PROMISED)
    assert [place.where for place in refused.value.places] == ["materials.invoice"]


def test_without_a_result_there_is_nothing_to_check(world: World) -> None:
    case = filed(world, **{"residence-proof": PROMISED})
    with pytest.raises(CannotCheckPromise):
        say(world, case, "health.reviewer", is_kept=True)
    with pytest.raises(NothingPromised):
        actions.check_promise(
            case_id=case.id, key="invoice", is_kept=True, words="x", by=world.actor("health.reviewer"), at=world.at
        )


def test_the_result_opens_a_check_with_its_day_in_the_units_list(world: World) -> None:
    case = granted(world)
    check = check_of(case)
    (row,) = cases.work_list(world.actor("health.reviewer"), kind="promise-check", at=world.at).items
    assert (row.number, row.lamp.value) == (check.number, "green")
    assert row.due_at is not None
    assert row.due_at.date().isoformat() == "2026-12-14"
    later = world.at + timedelta(days=30)
    (late,) = cases.work_list(world.actor("city.supervisor"), box="unit", kind="promise-check", at=later).items
    assert late.lamp.value == "red"
    assert queries.count_promises(world.actor("health.reviewer")) == 1
    assert queries.count_promises(world.actor("other-health.reviewer")) == 0


def test_a_kept_promise_is_a_verified_material(world: World) -> None:
    case = granted(world)
    checked = say(world, case, "health.reviewer", is_kept=True)
    assert (checked.status.value, checked.promise.found) == ("verified", Found.KEPT)
    assert check_of(case).outcome == "kept"
    assert queries.count_promises(world.actor("health.reviewer")) == 0
    with pytest.raises(CannotCheckPromise):
        say(world, case, "health.reviewer", is_kept=True)


def test_a_check_is_for_its_post_and_needs_words(world: World) -> None:
    case = granted(world)
    with pytest.raises(NotYourStep):
        say(world, case, "health.clerk", is_kept=True)
    with pytest.raises(NotYourCase):
        say(world, case, "other-health.reviewer", is_kept=True)
    with pytest.raises(GroundsMissing):
        say(world, case, "health.reviewer", is_kept=True, words=" ")


def test_nobody_is_condemned_unheard_or_by_who_looked(world: World) -> None:
    case = granted(world)
    say(world, case, "health.reviewer", is_kept=False, words="社区查无此人")
    assert queries.materials(case)[0].status.value == "promised"
    with pytest.raises(CannotCheckPromise):
        say(world, case, "health.approver", is_kept=False)
    check = check_of(case)
    engine.advance(
        case_id=check.id, step="heard", choice="explained", grounds="刚搬家", by=world.actor("mother"), at=world.at
    )
    both = replace(
        world.actor("health.approver"),
        account_id=world.account("health.reviewer").id,
    )
    with pytest.raises(SameHolder):
        actions.check_promise(case_id=case.id, key="residence-proof", is_kept=False, words="不实", by=both, at=world.at)
    assert say(world, case, "health.approver", is_kept=True, words="说明成立").status.value == "verified"


def test_a_broken_promise_is_decided_on_in_writing_and_bars_from_another(world: World) -> None:
    case = granted(world)
    broken(world, case)
    material = queries.materials(case)[0]
    assert material.status.value == "faulty"
    assert "申请人不在本区居住" in material.problem
    decision = queries.documents(case.id)[-1]
    assert (decision.title, decision.document_no) == ("不实承诺处理决定书", "临卫核〔2026〕第1号")
    text = "".join(decision.paragraphs)
    for said in (case.number, "临卫诺〔2026〕第1号", "申请人不在本区居住。", "2027年11月23日"):
        assert said in text, said
    assert "行政复议" in decision.remedies
    with pytest.raises(CannotPromise):
        filed(world, **{"residence-proof": PROMISED})
    # A paper is welcome all the time, and after the year a promise is too.
    filed(world)
    offer = PromiseOffer(world.mother.id, "990102000000", world.at)
    assert queries.material_rows([PROOF], {}, Sent(), (), offer)[0].terms is None


def test_documents_are_read_by_the_applicant_and_whoever_handles_the_case(world: World) -> None:
    case = granted(world)
    notice = queries.documents(case.id)[1]
    for who in ("mother", "health.reviewer", "city.supervisor"):
        assert queries.document(notice.id, world.actor(who)).id == notice.id
    for who in ("neighbour", "other-health.reviewer"):
        with pytest.raises(NotYourCase):
            queries.document(notice.id, world.actor(who))


def test_a_paper_in_place_of_the_promise_needs_no_check(world: World) -> None:
    case = filed(world, **{"residence-proof": PROMISED})
    actions.supply(case_id=case.id, key="residence-proof", file_id=upload(world), by=world.actor("mother"), at=world.at)
    engine.advance(case_id=case.id, step="intake", choice="at-once", by=world.actor("health.clerk"), at=world.at)
    assert queries.count_promises(world.actor("health.reviewer")) == 0
    assert [document.event for document in queries.documents(case.id)] == ["accept-with-gaps"]


@pytest.mark.parametrize(
    ("part", "said"),
    [
        ({"may_promise": True}, "证明内容和设定依据"),
        ({"proves": "住在本区"}, "没有写 may_promise"),
        (
            {"may_promise": True, "proves": "x", "proof_basis": {"title": "x"}, "from": "licence:resident-id"},
            "才谈得上承诺",
        ),
    ],
)
def test_a_pack_says_all_that_a_notice_must(part: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        MaterialPart.model_validate({"key": "x", "name": "x", "from": "applicant", "why": "x", **part})
