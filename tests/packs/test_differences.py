"""What `packs diff` says: sentences an official understands, for every kind of change to a matter, a flow and a form."""

import re
import shutil
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from yiwang.kernel.base.contracts import SYSTEM
from yiwang.kernel.packs import _store, _yaml, actions, queries
from yiwang.kernel.packs._plain import differences
from yiwang.kernel.packs.contracts import Change, Difference, Layer, PackNotFound

MATTER = "packs/anhe/birth/social-security-card.yaml"
FORM = "packs/anhe/birth/forms/card-form.yaml"


def edited(name: str, old: str, new: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """A shipped pack's content, and the same after a replacement in its text."""
    text = (settings.YIWANG_PACKS.parent / name).read_text(encoding="utf-8")
    assert old in text
    before, after = (_yaml.read(each.encode())[0].data for each in (text, text.replace(old, new, 1)))
    return before, after


def said(kind: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Difference]:
    return list(differences(kind, dict(before), dict(after), lambda where: Layer("anhe", MATTER)))


MATTERS = {
    "a limit": ("statutory: 30 workdays", "statutory: 20 workdays", ["法定时限由 30个工作日 改为 20个工作日"]),
    "a note": ("promised_note: 取得公民身份号码后起算", "promised_note: 即日起算", ["承诺时限说明由 取得公民身份号码后起算 改为 即日起算"]),
    "a material gone": ("  - key: child-photo", "  - key: picture", ["去掉材料“新生儿照片”", "加上材料“新生儿照片”"]),
    "a part of a material": ("make_up: 20 workdays", "make_up: 10 workdays", ["材料“新生儿照片”的补交期限由 20个工作日 改为 10个工作日"]),
    "a number": ("visits: 1", "visits: 0", ["到现场次数由 1 改为 0"]),
    "a code of the standard": ("type: 公共服务", "type: 行政给付", ["事项类型由 公共服务 改为 行政给付"]),
    "a list of words": ("channels: [window, web, mobile, post]", "channels: [window, web]", ["办理渠道去掉 mobile、post"]),
    "a title": ("title: {zh: ", "title: {zh: 新", ["名称由“社会保障卡申领”改为“新社会保障卡申领”"]),
}  # fmt: skip


@pytest.mark.parametrize("name", MATTERS)
def test_a_change_to_a_matter_is_said_in_plain_words(name: str) -> None:
    old, new, expected = MATTERS[name]
    assert [each.words for each in said("Matter", *edited(MATTER, old, new))] == expected


def test_whole_sentences_name_their_subject() -> None:
    details = said("Matter", *edited(MATTER, "statutory: 30 workdays", "statutory: 20 workdays"))
    change = Change("~", "Matter", "x.card", 1, "社会保障卡", "事项", "", tuple(details))
    assert change.sentences == ("事项“社会保障卡”：法定时限由 30个工作日 改为 20个工作日。",)
    assert replace(change, place="yundu").subject == "在 yundu，事项“社会保障卡”"
    assert replace(change, sign="+").sentences == ("新增事项“社会保障卡”。",)
    (detail,) = details
    assert (detail.where, detail.old, detail.new, detail.set_by) == (
        "promise.statutory", "30 workdays", "20 workdays", MATTER,
    )  # fmt: skip


def flow() -> dict[str, Any]:
    return {
        "kind": "Flow",
        "steps": {
            "intake": {
                "name": {"zh": "收件", "en": "Intake"},
                "post": "window-clerk",
                "limit": "1 workday",
                "choices": {"pass": {"name": "受理", "to": "end"}, "back": {"name": "退回", "to": "end"}},
            },
            "end": {"name": "办结", "type": "end"},
        },
    }


def test_a_flow_says_steps_ways_and_limits() -> None:
    before, after = flow(), flow()
    after["steps"]["intake"]["limit"] = "4 workhours"
    after["steps"]["intake"]["name"]["en"] = "Counter"
    after["steps"]["intake"]["choices"] = {"pass": {"name": "受理", "to": "check", "once": True}}
    after["steps"]["check"] = {"name": "复核", "post": "reviewer"}
    assert [each.words for each in said("Flow", before, after)] == [
        "环节“收件”的名称的英文由“Intake”改为“Counter”",
        "环节“收件”的期限由 1个工作日 改为 4个工作时",
        "环节“收件”的办法“受理”的去向由 end 改为 check",
        "写明环节“收件”的办法“受理”的只能用一次为 是",
        "环节“收件”去掉办法“退回”",
        "加上环节“复核”",
    ]
    assert [each.where for each in said("Flow", before, after)][2] == "steps.intake.choices.pass.to"
    gone = flow()
    del gone["steps"]["end"]
    assert [each.words for each in said("Flow", flow(), gone)] == ["去掉环节“办结”"]


def test_a_forms_field_says_what_became_of_it() -> None:
    before, after = edited(FORM, "required: true", "required: false")
    (detail,) = said("Form", before, after)
    assert re.fullmatch("分组“.+”的字段“.+”的必填由 是 改为 否", detail.words)


def test_order_is_a_change_where_authors_choose_it() -> None:
    before = {"groups": [{"id": "a", "title": "甲"}, {"id": "b", "title": "乙"}], "examples": ["x", "y"]}
    after = {"groups": before["groups"][::-1], "examples": ["y", "x"]}
    assert [each.words for each in said("Form", before, after)] == ["分组次序有变", "例子次序有变"]


@pytest.mark.django_db
def test_two_releases_are_compared_by_number(tmp_path: Path, settings) -> None:  # type: ignore[no-untyped-def]
    root = tmp_path / "packs"
    shutil.copytree(settings.YIWANG_PACKS, root)
    at = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
    with _store.using(_store.latest):
        first = queries.releases().items[0].number
        card = tmp_path / MATTER
        card.write_text(card.read_text(encoding="utf-8").replace("statutory: 30", "statutory: 25"), encoding="utf-8")
        second = actions.load(root, by=SYSTEM, at=at).release
        assert [change.words for change in queries.diff_releases(first, second)] == [
            ("法定时限由 30个工作日 改为 25个工作日",)
        ]
        (back,) = queries.diff_releases(second, first)
        assert back.words == ("法定时限由 25个工作日 改为 30个工作日",)
        listed = queries.releases().items
        assert [view.number for view in listed[:2]] == [second, first]
        assert (listed[0].loaded_by, listed[0].packs) == ("系统", len(queries.current()))
        with pytest.raises(PackNotFound):
            queries.diff_releases(first, second + 1)
