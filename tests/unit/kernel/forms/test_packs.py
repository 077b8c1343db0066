"""What the checker of form packs finds, and that examples run."""

import copy
from typing import Any

import pytest
from pydantic import ValidationError

from tests.unit.kernel.forms.sample import ANSWERS, RAW, pack_of
from tests.world import place_packs
from yiwang.kernel.forms._check import check, examples_hold
from yiwang.kernel.packs.contracts import PackSet


def problems(raw: dict[str, Any], *, examples: bool = False) -> list[str]:
    pack = pack_of(raw)
    packs = PackSet([*place_packs(), pack], place="anlan")
    return [f"{p.where}: {p.what}{p.remedy}" for p in (examples_hold if examples else check)(pack, packs) or ()]


def changed(group: int, field: int | None, **values: Any) -> dict[str, Any]:
    raw = copy.deepcopy(RAW)
    part = raw["groups"][group] if field is None else raw["groups"][group]["fields"][field]
    part.update(values)
    return raw


def test_the_sample_is_right() -> None:
    assert problems(RAW) == []


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        (changed(0, 2, element="person.shoe-size"), "groups.0.fields.2.element: 没有数据元“person.shoe-size”。"),
        (changed(0, None, subject=None), "groups.0.fields.0: “母亲姓名”由登记库 population 掌握，不应再向群众要。"),
        (changed(1, 0, ask=None), "groups.1.fields.0: “父亲身份号码”由登记库 population 掌握"),
        (changed(1, None, when="wanted = true"), "groups.1.when: "),
        (changed(1, None, when="married ="), "groups.1.when: "),
        (changed(3, 1, when="wanted = 3"), "groups.3.fields.1.when: "),
        (changed(3, 1, multiple=True), "groups.3.fields.1.multiple: 只有代码类的数据元可以多选。"),
        (changed(3, 1, photo="portrait"), "groups.3.fields.1.photo: "),
        (changed(2, 2, default="heavy"), "groups.2.fields.2.default: "),
        (RAW | {"checks": [{**RAW["checks"][0], "field": "nothing"}]}, "checks.0.field: 没有字段“nothing”。"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(raw: dict[str, Any], says: str) -> None:
    assert any(each.startswith(says) for each in problems(raw)), problems(raw)


@pytest.mark.parametrize(
    "raw",
    [
        changed(0, 1, name="mother_name"),
        changed(0, 1, name="Mother"),
        changed(0, 1, required_when="married = true"),
        changed(2, None, repeat={"min": 5, "max": 2}),
        changed(0, 1, colour="red"),
        RAW | {"groups": []},
    ],
)
def test_what_has_no_shape_is_not_a_form(raw: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        pack_of(raw)


def test_examples_run() -> None:
    good = {"given": ANSWERS, "then": {"mother_phone": "13900000001"}}
    refused = {"given": {**ANSWERS, "wanted": "true"}, "fails": ["send_to"]}
    assert problems(RAW | {"examples": [good, refused]}, examples=True) == []
    wrong = [{"given": ANSWERS, "then": {"mother_phone": "1"}}, {"given": ANSWERS, "fails": ["send_to"]}]
    assert [each.split(":")[0] for each in problems(RAW | {"examples": wrong}, examples=True)] == [
        "examples.0.then",
        "examples.1",
    ]
