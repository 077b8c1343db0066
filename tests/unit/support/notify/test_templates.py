"""What a message template may say: no person, no clerk's free words by text message, both languages, only known names."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from yiwang.kernel.packs.contracts import Pack, PackSet, Text
from yiwang.support.notify import _words, kinds
from yiwang.support.notify.contracts import FactMissing

DAY = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)  # already the 24th in Shanghai


def problems(**changes: Any) -> list[str]:
    values = {
        "kind": "MessageTemplate",
        "id": "club.messages.won",
        "title": {"zh": "赢了", "en": "Won"},
        "text": {"zh": "“{title}”已于{day}赢了。", "en": "{title} was won on {day}."},
    }
    body = kinds.MessageTemplate.model_validate(values | changes)
    pack = Pack("MessageTemplate", body.id, 1, Text("赢了"), "0", "club", "won.yaml", body, {})
    found: Iterator[Any] = kinds.check_template(pack, PackSet([pack]))
    return [problem.what for problem in found]


def test_a_sound_template_has_no_problems() -> None:
    assert problems() == []


@pytest.mark.parametrize("name", ["name", "id_number", "address", "phone_number", "born_on"])
def test_personal_data_has_no_place_in_a_message(name: str) -> None:
    (what,) = problems(text={"zh": "{" + name + "}赢了", "en": "won"})
    assert f"个人信息({name})" in what


@pytest.mark.parametrize("text", ["{titel}赢了", "{0}赢了", "{title.__class__}", "{title!r}", "{title:>10}", "{title"])
def test_a_placeholder_is_a_plain_known_name(text: str) -> None:
    assert len(problems(text={"zh": text, "en": "won"})) == 1


def test_a_clerks_own_words_stay_in_the_site() -> None:
    assert problems(detail={"zh": "{why}", "en": "{why}"}) == []
    (what,) = problems(text={"zh": "{why}", "en": "won"})
    assert "不能进短信" in what


def test_english_is_asked_for() -> None:
    assert problems(text="赢了") == ["没有英文。"]


def test_a_text_message_is_short() -> None:
    assert problems(text={"zh": "赢" * 201, "en": "won"}) == ["短信文字超过200字。"]


def test_days_are_those_of_shanghai_in_the_readers_language() -> None:
    assert _words.fill("{day}", {"day": DAY}, "zh") == "11月24日"
    assert _words.fill("{day}", {"day": DAY}, "en") == "24 November"


def test_numbers_of_people_that_slipped_into_words_are_blotted_out() -> None:
    facts = {"part": "为990102199303156249和13900000001办理", "phone": "13900000001"}
    assert _words.fill("{part} {phone}", facts, "zh") == "为" + "*" * 18 + "和" + "*" * 11 + "办理 13900000001"


def test_a_long_fact_is_cut() -> None:
    assert _words.fill("{part}", {"part": "长" * 80}, "zh") == "长" * 59 + "…"


def test_what_is_not_known_is_not_said() -> None:
    with pytest.raises(FactMissing):
        _words.fill("{title}", {"title": ""}, "zh")


def test_nothing_in_a_fact_is_taken_for_a_placeholder() -> None:
    assert _words.fill("{title}", {"title": "{name}{}"}, "zh") == "{name}{}"
