"""Two sources that grow, a table of firms made of them, and what is counted over it."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings

from tests.world import AT
from yiwang.data.engine import queries as lakes
from yiwang.data.ingest import actions as ingest
from yiwang.data.transform import actions
from yiwang.data.transform.contracts import RunView
from yiwang.kernel.base.contracts import SYSTEM
from yiwang.kernel.packs import queries as packs

PACKS = """
{kind: DataElement, id: t.code, title: 代码, type: text, max_length: 8, sensitivity: general}
---
{kind: DataElement, id: t.name, title: 名称, type: text, max_length: 20, sensitivity: personal}
---
{kind: DataElement, id: t.count, title: 人数, type: integer, minimum: 0, sensitivity: general}
---
kind: Source
id: t.firms
title: 企业
resource: firms
format: csv
load: changes
columns:
  - {name: 代码, as: code, element: t.code, required: true}
  - {name: 名称, as: name, element: t.name}
---
kind: Source
id: t.staff
title: 用工
resource: staff
format: csv
load: changes
columns:
  - {name: 代码, as: code, element: t.code, required: true}
  - {name: 人数, as: headcount, element: t.count}
---
kind: Transformation
id: t.total
title: 合计
table: topic.total
inputs: {sizes: registry.sizes}
sql: "SELECT count(*) AS firms, sum(headcount)::BIGINT AS headcount FROM sizes"
---
kind: Transformation
id: t.sizes
title: 企业人数
table: registry.sizes
inputs: {staff: standard.staff, firms: standard.firms}
incremental: {input: staff, key: code}
sql: |
  SELECT s.code, max(f.name) AS name, sum(s.headcount)::BIGINT AS headcount
  FROM staff s LEFT JOIN firms f ON f.code = s.code
  WHERE s.headcount > 0 GROUP BY s.code
examples:
  - given:
      firms: [{code: A, name: 甲}]
      staff: [{code: A, headcount: 1}, {code: B, headcount: 2}, {code: A, headcount: 3}]
    then: [{code: A, name: 甲, headcount: 4}, {code: B, name: null, headcount: 2}]
---
kind: Transformation
id: t.names
title: 名称
table: topic.names
inputs: {firms: standard.firms}
incremental: {input: firms}
sql: "SELECT code, upper(name) AS name FROM firms WHERE name IS NOT NULL"
examples:
  - given: {firms: [{code: A, name: a}, {code: B, name: b}]}
    then: [{code: A, name: A}, {code: B, name: B}]
"""

Put = Callable[[str, str], object]
Do = Callable[..., RunView]


@pytest.fixture
def own_packs(tmp_path: Path) -> Iterator[Path]:
    place = tmp_path / "packs" / "t"
    place.mkdir(parents=True)
    (place / "place.yaml").write_text("kind: Place\nid: t\ntitle: 试\n", encoding="utf-8")
    (place / "all.yaml").write_text(PACKS, encoding="utf-8")
    with packs.using(tmp_path / "packs"):
        yield place / "all.yaml"


@pytest.fixture
def put(db: None, own_packs: Path, settings: LazySettings, tmp_path: Path) -> Put:
    settings.YIWANG_LAKE = tmp_path / "lake"

    def deliver(source: str, content: str) -> object:
        path = tmp_path / "file"
        path.write_text(content, encoding="utf-8")
        return ingest.run(source_id=source, path=path, by=SYSTEM, at=AT)

    return deliver


@pytest.fixture
def do(put: Put) -> Do:
    return lambda name, **options: actions.run(transformation_id=name, by=SYSTEM, at=AT, **options)


def rows(table: str) -> list[tuple[Any, ...]]:
    with lakes.connect() as lake:
        return lake.execute(f"SELECT * FROM {lakes.mount(lake, table)} ORDER BY ALL").fetchall()
