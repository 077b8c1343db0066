"""The staff rail: groups of several apps under one title."""

import pytest
from django.urls import reverse_lazy

from yiwang.kernel.base.contracts import ANONYMOUS
from yiwang.kernel.design import queries
from yiwang.kernel.design.contracts import RailGroup, RailItem


def test_groups_of_one_title_are_one_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    here = str(reverse_lazy("home"))
    standards = RailGroup("数据", (RailItem("数据标准", here),), order=61)
    tickets = RailGroup("12345", (RailItem("热线", here),), order=20)
    catalogue = RailGroup("数据", (RailItem("数据目录", here), RailItem("一本账", here)), order=60)
    empty = RailGroup("网格", (), order=1)
    sources = (lambda by: [standards, empty], lambda by: [tickets], lambda by: [catalogue])
    monkeypatch.setattr(queries, "registered_rail", lambda: sources)

    groups = queries.rail(ANONYMOUS)

    assert [group.title for group in groups] == ["12345", "数据"]
    assert [item.title for item in groups[1].items] == ["数据目录", "一本账", "数据标准"]
