"""What a message may name. Nothing here is a person's: a text message is read over shoulders and kept by carriers."""

import re
import string
from collections.abc import Mapping
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from yiwang.kernel.workdays.contracts import LEGAL_TIME
from yiwang.support.notify.contracts import FactMissing

VALUE_LENGTH_MAX = 60
TEXTS_KEPT = 500
FREE_WORDS_LENGTH_MAX = 300

# placeholder: what it stands for
PLACEHOLDERS: Mapping[str, str] = {
    "title": "事项或一件事的名称",
    "part": "其中一项的名称",
    "tail": "办件编号末四位",
    "day": "发生的日子",
    "due": "办结或办理的期限",
    "step": "环节名称",
    "reason": "流程中写明的原因",
    "unit": "单位简称",
    "phone": "单位电话",
    "result": "结果名称",
    "count": "件数",
    "waybill": "运单号",
    "fee": "收费项目",
    "amount": "金额（元）",
    "code": "一次性验证码",
    "minutes": "分钟数",
    "why": "经办人所写的原因(只用于站内消息)",
}
OF_ONE_READER = frozenset({"tail", "code", "waybill", "step", "reason", "result", "part", "why", "minutes"})
FREE_WORDS = frozenset({"why"})
TRUSTED = frozenset({"phone", "waybill", "code"})
PERSONAL = re.compile(r"\d{17}[\dXx]|\d{15}|1[3-9]\d{9}")


@lru_cache(maxsize=TEXTS_KEPT)
def placeholders(text: str) -> frozenset[str]:
    """Names in braces. Raises ValueError for a text that is no template."""
    found = set()
    for _, name, form, conversion in string.Formatter().parse(text):
        if name is not None:
            if not name.isidentifier() or form or conversion:
                raise ValueError(name)
            found.add(name)
    return frozenset(found)


def has_all(text: str, facts: Mapping[str, Any]) -> bool:
    """Whether every fact that the text names is known."""
    return all(facts.get(name) not in (None, "") for name in placeholders(text))


def fill(text: str, facts: Mapping[str, Any], language: str) -> str:
    """The text with its facts. Raises FactMissing."""
    missing = [name for name in sorted(placeholders(text)) if facts.get(name) in (None, "")]
    if missing:
        raise FactMissing(f"消息缺少内容:{'、'.join(missing)}。", hint="请补齐,或改用不含它的模板。")
    return text.format_map({name: shown(name, facts[name], language) for name in placeholders(text)})


def shown(name: str, value: Any, language: str) -> str:
    """A fact as a reader of the language writes it; personal numbers that slipped into words are blotted out."""
    if isinstance(value, datetime):
        value = value.astimezone(LEGAL_TIME).date()
    if isinstance(value, date):
        return f"{value.day} {value:%B}" if language == "en" else f"{value.month}月{value.day}日"
    text = str(getattr(value, "en", "") or value) if language == "en" else str(value)
    text = text if name in TRUSTED else PERSONAL.sub(lambda found: "*" * len(found[0]), text)
    most = FREE_WORDS_LENGTH_MAX if name in FREE_WORDS else VALUE_LENGTH_MAX
    return text if len(text) <= most else text[: most - 1] + "…"
