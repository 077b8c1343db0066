"""What `packs check` refuses about messages: nights with text messages, what stays on without a law, audiences without a ground."""

from typing import Any

import pytest

from yiwang.kernel.packs.contracts import Pack, PackModel, PackSet, Text
from yiwang.support.notify import kinds

POLICY: dict[str, Any] = {"kind": "MessagePolicy", "id": "club.policy", "title": "规则", "sign": "网球俱乐部"}
LAW = [{"title": "网球法", "article": "一"}]


def found(check: Any, body: PackModel) -> list[str]:
    pack = Pack(body.kind, body.id, 1, Text("x"), "0", "club", "x.yaml", body, {})
    return [problem.what for problem in check(pack, PackSet([pack]))]


@pytest.mark.parametrize(
    ("start", "end", "is_quiet"),
    [("21:00", "08:00", True), ("22:00", "07:00", True), ("23:00", "08:00", False), ("21:00", "06:00", False), ("08:00", "21:00", False)],
)  # fmt: skip
def test_a_policy_covers_the_night(start: str, end: str, is_quiet: bool) -> None:
    body = kinds.MessagePolicy.model_validate(POLICY | {"quiet_from": start, "quiet_until": end})
    assert found(kinds.check_policy, body) == ([] if is_quiet else ["夜里（22:00到07:00）会发短信。"])


def test_an_order_names_a_channel_once() -> None:
    body = kinds.MessagePolicy.model_validate(POLICY | {"order": ["sms", "sms"]})
    assert found(kinds.check_policy, body) == ["有的渠道写了两次。"]


def test_what_stays_on_has_its_law() -> None:
    values = {"kind": "MessageCategory", "id": "draws", "title": "抽签", "keeps": ["site"]}
    assert found(kinds.check_category, kinds.MessageCategory.model_validate(values)) == ["不能关闭的消息没有写依据。"]
    assert found(kinds.check_category, kinds.MessageCategory.model_validate(values | {"legal_basis": LAW})) == []


def test_an_audience_has_its_ground_and_its_ages_in_order() -> None:
    values: dict[str, Any] = {"kind": "Audience", "id": "club.old", "title": "老会员", "purpose": "通知"}
    assert found(kinds.check_audience, kinds.Audience.model_validate(values)) == ["群发受众没有写依据。"]
    turned = values | {"legal_basis": LAW, "age_from": 80, "age_until": 60}
    assert found(kinds.check_audience, kinds.Audience.model_validate(turned)) == ["年龄的起止颠倒了。"]


@pytest.mark.parametrize(
    "changes",
    [{"on": "opened"}, {"to": "post:supervisor"}, {"urgent": True}, {"text": {"zh": "尾号{tail}", "en": "{tail}"}}],
)
def test_what_goes_to_many_is_nobodys_own(changes: dict[str, Any]) -> None:
    values = {
        "kind": "MessageTemplate", "id": "club.news", "title": {"zh": "消息", "en": "News"}, "campaign": True,
        "text": {"zh": "{title}开始了", "en": "{title} began"},
    }  # fmt: skip
    assert found(kinds.check_template, kinds.MessageTemplate.model_validate(values)) == []
    assert len(found(kinds.check_template, kinds.MessageTemplate.model_validate(values | changes))) == 1


@pytest.mark.parametrize("changes", [{"channels": ["pigeon"]}, {"channels": []}, {"on": "won"}, {"feathers": 1}])
def test_an_unknown_channel_or_occasion_is_no_template(changes: dict[str, Any]) -> None:
    values = {"kind": "MessageTemplate", "id": "club.news", "title": "消息", "text": {"zh": "开始了", "en": "Began"}}
    with pytest.raises(ValueError, match="validation error"):
        kinds.MessageTemplate.model_validate(values | changes)
