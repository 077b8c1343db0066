"""材料预审: each paper judged before it is filed, said in two languages, kept for the desk; it stops nothing."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from django.test import Client

from tests.journeys.outside_world import as_json
from tests.singles import Singles
from tests.unit.services.applications.test_applying import picture, posted
from yiwang.kernel.cases import queries as cases
from yiwang.kernel.cases.models import Case
from yiwang.kernel.packs import queries as packs
from yiwang.kernel.rules.contracts import Answer
from yiwang.services.applications import kinds, queries
from yiwang.services.applications.models import FiledMaterial

As = Callable[[str], Client]
LEASE = {"holder_name": "陈 晓岚", "issued_on": "2020-01-01", "valid_until": "2099-12-31"}


def said(key: str = "dwelling-proof", **values: str) -> dict[str, str]:
    return {f"said.{key}.{name}": value for name, value in values.items()}


def hand_in(singles: Singles, client: Client, **values: str) -> str:
    """To the review page, with a lease on which this is read; returns the page."""
    here = f"/apply/{singles.permit}"
    assert client.post(f"{here}/form", posted(singles.residence())).status_code == 302
    files = {f"file.{key}": picture() for key in ("portrait", "dwelling-proof")}
    answer = client.post(f"{here}/materials", files | said(**values) | {"next": "1"})
    assert answer.status_code == 302, answer.content.decode()
    return client.get(f"{here}/review").content.decode()


def small_scans() -> Any:
    """The packs in force, with a parameter that lets a test's tiny picture pass."""
    current = packs.current()
    pack = current.get("Parameter", "anlan.papers.smallest-scan")
    values = tuple(each.model_copy(update={"value": 1}) for each in pack.body.values)  # type: ignore[attr-defined]
    changed = replace(pack, body=pack.body.model_copy(update={"values": values}), hash="3" * 64)
    others = [each for each in current if each.id != pack.id]
    return packs.using(type(current)([*others, changed], place=current.place, chain=current.chain, below=current.below))


def test_the_materials_page_asks_what_the_rule_needs_and_refuses_nothing(singles: Singles, client_as: As) -> None:
    with small_scans():
        page = hand_in(singles, client_as("mother"))
    assert "还不能预先判断，由工作人员核对：" in page
    materials = client_as("mother").get(f"/apply/{singles.permit}/materials").content.decode()
    for name in LEASE:
        assert f'name="said.dwelling-proof.{name}"' in materials
    assert 'name="said.portrait.' not in materials


def test_a_paper_that_fits_is_in_order(singles: Singles, client_as: As) -> None:
    with small_scans():
        page = hand_in(singles, client_as("mother"), **LEASE)
    assert page.count("预审通过") == 2
    assert "可能会被退回" not in page


def test_what_will_be_sent_back_is_said_in_both_languages_and_filed_all_the_same(
    singles: Singles, client_as: As
) -> None:
    mother = client_as("mother")
    page = hand_in(singles, mother, **LEASE | {"holder_name": "别人", "valid_until": "2020-02-01"})
    for why in ("不符合：材料上写的是申请人的姓名", "不符合：到今天仍在有效期内", "不符合：扫描件不小于20KB，能看清"):
        assert why in page
    english = mother.get(f"/apply/{singles.permit}/review", headers={"Accept-Language": "en"}).content.decode()
    assert "Not so: It bears the name of the applicant" in english
    assert "This may be sent back" in english
    assert "不符合" not in english
    filed = mother.post(f"/apply/{singles.permit}/review", {"once": "p" * 32})
    assert filed.status_code == 302
    case = cases.peek(Case.objects.get().id)
    check = next(each.precheck for each in queries.materials(case) if each.key == "dwelling-proof")
    assert check is not None
    assert check.answer is Answer.NOT_MET
    row = FiledMaterial.objects.get(key="dwelling-proof")
    assert row.said is not None
    assert row.said["holder_name"] == "别人"
    assert "别人" not in str(row.precheck), "what a paper says is sealed"
    desk = client_as("police-household.clerk").get(f"/desk/cases/{case.number}").content.decode()
    assert "可能要更正" in desk
    assert "材料上写的是申请人的姓名" in desk


def test_half_a_date_is_unknown_and_a_new_file_forgets_what_was_read_off_the_old(
    singles: Singles, client_as: As
) -> None:
    mother = client_as("mother")
    page = hand_in(singles, mother, **LEASE | {"issued_on": "2020-1"})
    assert "到今天仍在有效期内" not in page
    mother.post(f"/apply/{singles.permit}/materials", {"drop.dwelling-proof": "1"})
    materials = mother.get(f"/apply/{singles.permit}/materials").content.decode()
    assert "陈 晓岚" not in materials


def test_json_says_it_too_but_nothing_of_somebody_elses_file(singles: Singles, client_as: As) -> None:
    def uploaded(who: str) -> int:
        return int(client_as(who).post("/api/applications/files", {"file": picture()}).json()["id"])

    def check(file_id: int) -> Any:
        body = {
            "answers": singles.residence(),
            "materials": {"dwelling-proof": {"file_id": file_id, "said": LEASE | {"valid_until": "2020-02-01"}}},
        }
        answer = client_as("mother").post(f"/api/applications/matters/{singles.permit}/check", **as_json(body))
        assert answer.status_code == 200, answer.content.decode()
        return {each["key"]: each["precheck"] for each in answer.json()["materials"]}

    own = check(uploaded("mother"))
    assert own["dwelling-proof"]["answer"] == "not-met"
    assert [each["answer"] for each in own["dwelling-proof"]["grounds"]] == ["met", "met", "not-met", "not-met"]
    assert own["portrait"] is None
    assert check(uploaded("father"))["dwelling-proof"] is None


def test_a_check_that_cannot_work_is_told(singles: Singles) -> None:
    current = packs.current()
    pack = current.get(kinds.PAPERS, "anlan.police.residence-papers")
    part = kinds.PaperPart(rule="national.residence.permit")
    broken = {"passport": part, "portrait": kinds.PaperPart(rule="no.such"), "dwelling-proof": part}
    wrong = replace(
        pack,
        body=pack.body.model_copy(update={"materials": broken, "matters": (*pack.body.matters, "no.matter")}),  # type: ignore[attr-defined]
    )
    where = {problem.where for problem in kinds._check_papers(wrong, current)}
    assert {"matters.1", "materials.passport", "materials.portrait.rule", "materials.dwelling-proof.rule"} <= where
    deaf = pack.body.materials["dwelling-proof"].model_copy(update={"says": ()})  # type: ignore[attr-defined]
    silent = replace(pack, body=pack.body.model_copy(update={"materials": {"dwelling-proof": deaf}}))
    assert {problem.where for problem in kinds._check_papers(silent, current)} == {"materials.dwelling-proof.says"}
    assert list(kinds._check_papers(pack, current)) == []
