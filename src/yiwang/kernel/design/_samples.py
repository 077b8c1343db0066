"""Made-up values with which the style guide shows every component in every state."""

import re
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.utils import timezone

from yiwang.kernel.base.contracts import Place
from yiwang.kernel.base.paging import Page
from yiwang.kernel.design.contracts import Moment

OPTIONS = [("1", "男"), ("2", "女")]


def samples() -> dict[str, Any]:
    """The context of design/style_guide.html."""
    now = timezone.now()
    return {
        "now": now,
        "later": now + timedelta(days=6),
        "earlier": now - timedelta(days=3),
        "options": OPTIONS,
        "wrong": [Place("phone", "请填写11位手机号码。"), Place("sex", "请选择性别。")],
        "moments": _moments(now),
        "page": Page([], "next", "previous"),
        "lamps": ("green", "yellow", "red", "paused", "done", "none"),
        "icons": _icons(),
    }


def _moments(now: datetime) -> list[Moment]:
    return [
        Moment("收到申请", now - timedelta(days=2), "综合窗口", state="done"),
        Moment("审查", now - timedelta(hours=3), "卫生健康委员会", "正在核对出生记录", "now"),
        Moment("退回补正", None, "", "照片不清楚", "wrong"),
        Moment("办结"),
    ]


def _icons() -> list[str]:
    return re.findall(r'id="(\w+)"', (Path(__file__).parent / "static/design/icons.svg").read_text())
