"""What the newborn one-thing saves, by its packs; the page in docs/reference is what the command prints."""

from collections.abc import Iterator

import pytest
from click.testing import CliRunner

from tests.world import place_packs
from yiwang.kernel.packs import queries as packs
from yiwang.services.journeys import queries
from yiwang.services.journeys.contracts import Explanation, NoSuchJourney
from yiwang.site import paths
from yiwang.site.cli.journeys import command

ID = "anlan.birth.one-thing"
PAGE = paths.ROOT / "docs" / "reference" / "newborn.md"


@pytest.fixture(scope="module")
def found() -> Iterator[Explanation]:
    with packs.using(place_packs()):
        yield queries.explain(ID)


def test_days_are_a_sum_and_a_longest_chain(found: Explanation) -> None:
    assert found.statutory_sum == sum(part.statutory.n for part in found.parts) == 82
    assert found.promised_days == 5
    days = {part.slot: part.promised.n for part in found.parts}
    assert {sum(days[slot] for slot in path) for path in found.paths} == {5}
    assert [part.slot for part in found.parts if not part.is_on_path] == ["vaccination", "guidance"]


def test_each_paper_stands_once_and_says_why(found: Explanation) -> None:
    keys = [line.key for line in found.materials]
    assert len(keys) == len(set(keys)) == 20
    assert found.own_material_rows == 30
    assert all(line.why for line in found.materials)
    assert {line.key for line in found.materials_asked if not line.condition} == {"child-photo"}
    married = next(line for line in found.materials if line.key == "marriage-certificate")
    assert not married.is_asked


def test_what_registers_earlier_parts_and_offices_know_is_not_asked(found: Explanation) -> None:
    known = {line.name: line.source for line in found.fields_known}
    assert known["child_id_number"] == "出生登记的结果"
    assert known["birth_certificate_no"] == "出生医学证明（首次签发）的结果"
    assert known["gestation_weeks"] == "助产机构签发员登记"
    assert {"mother_name", "mother_id_number", "father_name"} <= known.keys()
    asked = {line.name for line in found.fields_asked}
    assert {"child_name", "card_bank", "account_no", "delivery_address"} <= asked
    assert not asked & known.keys()


def test_every_difference_from_the_quoted_guide_has_reasons(found: Explanation) -> None:
    quoted = {each.subject: (each.quoted_before, each.quoted_after) for each in found.differences}
    assert quoted == {"工作日": (72, 5), "到现场次数": (4, 0), "材料份数": (22, 4), "表单张数": (7, 1)}
    assert all(each.reasons for each in found.differences)
    assert "相差10" in "".join(found.differences[0].reasons)


def test_the_page_is_what_the_command_prints() -> None:
    printed = CliRunner().invoke(command, ["explain", ID])
    assert printed.exit_code == 0
    assert PAGE.read_text(encoding="utf-8") == printed.output, f"run: yiwang journeys explain {ID} > {PAGE}"


def test_an_unknown_one_thing_is_said(db: None) -> None:
    with pytest.raises(NoSuchJourney):
        queries.explain("no.such")
