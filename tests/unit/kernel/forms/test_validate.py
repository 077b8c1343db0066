"""Answers: what is asked, what is missing, what is wrong, and what hostile senders get."""

from datetime import date
from typing import Any

import pytest
from django.utils import translation

from tests.unit.kernel.forms.sample import ANSWERS
from yiwang.kernel.forms import queries
from yiwang.kernel.forms.contracts import AnswersInvalid, FormDef, Known, NotAForm

TODAY = date(2026, 11, 23)


def known(**values: Any) -> dict[str, Known]:
    return {path.replace("__", "."): Known(v, str(v), "population", "户籍信息", TODAY) for path, v in values.items()}


def validate(form: FormDef, answers: Any, **options: Any) -> dict[str, Any]:
    return queries.validate(form, answers, today=TODAY, **options)


def wrong(form: FormDef, answers: Any, **options: Any) -> dict[str, str]:
    with pytest.raises(AnswersInvalid) as refused:
        validate(form, answers, **options)
    return {place.where: place.message for place in refused.value.places}


def test_right_answers_are_kept_in_their_elements_terms(form: FormDef) -> None:
    cleaned = validate(form, {**ANSWERS, "mother_id": " 11010519491231002x ", "mother_phone": "139 0000 0001"})
    assert cleaned["mother_id"] == "11010519491231002X"
    assert cleaned["mother_phone"] == "13900000001"
    assert cleaned["married"] is False
    assert cleaned["children"] == [{"child_name": "陈小宝", "child_sex": "1", "weight": 3200}]


def test_cleaned_answers_are_clean_already(form: FormDef) -> None:
    cleaned = validate(form, ANSWERS)
    assert validate(form, cleaned) == cleaned


def test_each_missing_answer_is_told_where_it_is(form: FormDef) -> None:
    assert wrong(form, {"children": [{}, {"child_sex": "7"}]}) == {
        "mother_name": "请填写母亲姓名。",
        "mother_id": "请填写母亲身份号码。",
        "mother_phone": "请填写手机号码。",
        "married": "请选择是否已婚。",
        "children.0.child_name": "请填写新生儿姓名。",
        "children.0.child_sex": "请选择性别。",
        "children.1.child_name": "请填写新生儿姓名。",
        "children.1.child_sex": "性别不在可选范围内。请从列出的选项中选一个。",
        "wanted": "请选择是否寄递。",
    }


def test_what_is_not_asked_is_neither_needed_nor_kept(form: FormDef) -> None:
    cleaned = validate(form, {**ANSWERS, "father_id": "rubbish", "send_to": "某处", "on": "2026-12-01"})
    assert not {"father_id", "send_to", "on"} & cleaned.keys()
    assert wrong(form, {**ANSWERS, "married": "true"}) == {"father_id": "请填写父亲身份号码。"}


def test_a_condition_sees_its_own_item(form: FormDef) -> None:
    items = [
        {"child_name": "陈一", "child_sex": "1", "weight": "2000"},
        {"child_name": "陈二", "child_sex": "2", "weight": "3000"},
    ]
    assert wrong(form, {**ANSWERS, "children": items}) == {"children.0.note": "请填写体重说明。"}


def test_cross_checks_are_told_at_their_field(form: FormDef) -> None:
    late = {**ANSWERS, "wanted": True, "send_to": "江畔路1号", "on": "2026-11-01"}
    assert wrong(form, late) == {"on": "希望送达日期不能早于今天。"}
    tiny = [{"child_name": "陈一", "child_sex": "1", "weight": "350", "note": "早产"}]
    assert wrong(form, {**ANSWERS, "children": tiny}) == {"children.0.weight": "出生体重太轻，请核对。"}
    assert validate(form, {**late, "on": "2026-11-23"})["on"] == "2026-11-23"


def test_known_values_need_no_answer_and_cannot_be_overwritten(form: FormDef) -> None:
    held = known(
        mother_name="陈晓岚", mother_id="11010519491231002X", children__0__child_sex="2", children__1__child_sex="1"
    )
    answers = {k: v for k, v in ANSWERS.items() if not k.startswith("mother_id")} | {
        "mother_name": "冒名",
        "children": [{"child_name": "陈一", "child_sex": "1"}, {"child_name": "陈二"}],
    }
    cleaned = validate(form, answers, known=held)
    assert cleaned["mother_name"] == "陈晓岚"
    assert cleaned["mother_id"] == "11010519491231002X"
    assert [each["child_sex"] for each in cleaned["children"]] == ["2", "1"]
    assert "mother_name" not in queries.asked(form, answers, known=held)


@pytest.mark.parametrize("count", [0, 4])
def test_items_are_counted(form: FormDef, count: int) -> None:
    items = [{"child_name": "陈一", "child_sex": "1"}] * count
    assert set(wrong(form, {**ANSWERS, "children": items})) == {"children"}


NESTED: Any = "x"
for _ in range(2000):
    NESTED = [NESTED]


@pytest.mark.parametrize(
    "bad",
    [
        None,
        [],
        "text",
        {"mother_name": {"a": {"b": {"c": {"d": 1}}}}},
        {"mother_name": NESTED},
        {"mother_name": "字" * 100_000},
        {f"k{i}": "x" * 40 for i in range(10_000)},
    ],
)
def test_what_is_not_a_form_is_refused_whole(form: FormDef, bad: Any) -> None:
    with pytest.raises(NotAForm):
        queries.validate(form, bad, today=TODAY)


@pytest.mark.parametrize(
    ("changed", "where"),
    [
        ({"admin": "true"}, "admin"),
        ({"children": [{"child_name": "陈一", "child_sex": "1", "is_paid": True}]}, "children.0.is_paid"),
        ({"children": {"0": {}}}, "children"),
        ({"children": ["x"]}, "children"),
        ({"mother_name": ["陈", "晓"]}, "mother_name"),
        ({"mother_name": {"a": 1}}, "mother_name"),
        ({"mother_name": 12}, "mother_name"),
        ({"mother_name": "陈\u202e岚"}, "mother_name"),
        ({"mother_name": "陈\x00岚"}, "mother_name"),
        ({"mother_id": 11010519491231002}, "mother_id"),
        ({"married": "maybe"}, "married"),
        ({"photo": "../../etc/passwd"}, "photo"),
        ({"photo": [True]}, "photo"),
        ({"photo": [1, 2, 3]}, "photo"),
        ({"photo": [10**30]}, "photo"),
    ],
)
@pytest.mark.django_db
def test_hostile_answers_are_refused_at_their_place(form: FormDef, changed: dict[str, Any], where: str) -> None:
    assert where in wrong(form, {**ANSWERS, **changed})


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("王𬎆", "王𬎆"),
        ("李\ue863", "李䶮"),
        ("张⿰王亢", "张⿰王亢"),
        ("阿依古丽·买买提", "阿依古丽·买买提"),
    ],
)
def test_rare_names_are_kept_as_they_are(form: FormDef, typed: str, kept: str) -> None:
    assert validate(form, {**ANSWERS, "mother_name": typed})["mother_name"] == kept


@pytest.mark.parametrize("typed", ["张⿰王", "⿱", "张⿲王亢", "⿰" * 20])
def test_a_half_described_character_is_refused(form: FormDef, typed: str) -> None:
    assert "部件描述不完整" in wrong(form, {**ANSWERS, "mother_name": typed})["mother_name"]


def test_refusals_are_said_in_the_readers_language(form: FormDef) -> None:
    with translation.override("en"):
        told = wrong(form, {**ANSWERS, "mother_phone": "12"})["mother_phone"]
    assert "not a telephone number" in told


def test_a_summary_reads_as_people_write(form: FormDef) -> None:
    groups = queries.summary(form, validate(form, ANSWERS), known=known(mother_name="陈晓岚"))
    lines = {line.path: line for group in groups for line in group.lines}
    assert lines["mother_name"].is_known
    assert lines["mother_name"].source_title == "户籍信息"
    assert lines["married"].shown == "否"
    assert lines["children.0.weight"].shown == "3200克"
    assert [group.title for group in groups] == ["母亲信息", "新生儿", "寄递"]


def test_differences_from_registers_are_found(form: FormDef) -> None:
    found = queries.diff(form, validate(form, ANSWERS), known(mother_name="陈晓兰", mother_phone="13900000001"))
    assert [(each.path, each.answered, each.held) for each in found] == [("mother_name", "陈晓岚", "陈晓兰")]
