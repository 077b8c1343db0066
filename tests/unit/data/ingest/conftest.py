"""A place with a few elements and sources of its own, and a lake in a folder that ends."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings

from tests.world import AT
from yiwang.data.engine import queries as lakes
from yiwang.data.ingest import actions
from yiwang.data.ingest.contracts import BatchView
from yiwang.kernel.base.contracts import SYSTEM
from yiwang.kernel.packs import queries as packs

PACKS = """
kind: CodeList
id: t.kind
title: 类型
items: [{code: "1", name: 企业}, {code: "2", name: 个体}]
---
{kind: DataElement, id: t.code, title: 代码, type: text, max_length: 8, sensitivity: general}
---
{kind: DataElement, id: t.name, title: 名称, type: text, max_length: 20, sensitivity: general}
---
{kind: DataElement, id: t.count, title: 人数, type: integer, minimum: 0, sensitivity: general}
---
{kind: DataElement, id: t.on, title: 日期, type: date, sensitivity: general}
---
{kind: DataElement, id: t.kind, title: 类型, type: code, code_list: t.kind, sensitivity: general}
---
kind: Source
id: t.raw-only
title: 只入原始层
resource: loose
format: csv
---
kind: Source
id: t.firms
title: 企业
resource: firms
format: csv
columns:
  - {name: 代码, as: code, element: t.code, required: true}
  - {name: 名称, as: name, element: t.name}
  - {name: 人数, as: headcount, element: t.count}
  - {name: 日期, as: opened_on, element: t.on, bad: empty}
  - {name: 类型, as: kind, element: t.kind, bad: keep}
---
kind: Source
id: t.changes
title: 增量
resource: changes
format: csv
load: changes
---
kind: Source
id: t.notations
title: 各写各的
resource: notations
format: csv
columns:
  - {name: 人数, as: headcount, element: t.count, bad: empty, notations: [{like: '约?([0-9]+)(人|名)', means: '\\1'}, {like: '不详|-', means: ''}]}
  - {name: 类型, as: kind, element: t.kind, notations: [{like: '个体(工商)?户', means: '2'}]}
---
{kind: Source, id: t.json, title: 对象, resource: objects, format: json}
---
{kind: Source, id: t.book, title: 工作簿, resource: book, format: excel}
---
{kind: Source, id: t.strict, title: 严格, resource: strict, format: csv, drift: {new: refuse}, columns: [{name: a}, {name: b}]}
---
kind: Source
id: t.fixed
title: 定长
resource: fixed
format: fixed
encoding: gb18030
columns: [{name: 代码, start: 1, width: 4}, {name: 名称, start: 5, width: 6}]
"""

Deliver = Callable[..., BatchView]


@pytest.fixture
def own_packs(tmp_path: Path) -> Iterator[None]:
    place = tmp_path / "packs" / "t"
    place.mkdir(parents=True)
    (place / "place.yaml").write_text("kind: Place\nid: t\ntitle: 试\n", encoding="utf-8")
    (place / "all.yaml").write_text(PACKS, encoding="utf-8")
    with packs.using(tmp_path / "packs"):
        yield


@pytest.fixture
def deliver(db: None, own_packs: None, settings: LazySettings, tmp_path: Path) -> Deliver:
    settings.YIWANG_LAKE = tmp_path / "lake"

    def take(source: str, content: bytes | str, name: str = "file") -> BatchView:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return actions.run(source_id=source, path=path, by=SYSTEM, at=AT)

    return take


def rows(table: str, columns: str = "* EXCLUDE (_batch)", order: str = "_line") -> list[tuple[Any, ...]]:
    with lakes.connect() as lake:
        return lake.execute(f"SELECT {columns} FROM {lakes.mount(lake, table)} ORDER BY {order}").fetchall()
