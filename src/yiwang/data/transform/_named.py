"""What people call the tables of a lineage: resources by the catalogue, files by their source, the rest by their transformation."""

from collections.abc import Iterable

from yiwang.data.catalogue import queries as catalogue
from yiwang.data.ingest import queries as ingest
from yiwang.data.transform._tracing import FILE
from yiwang.data.transform.kinds import TRANSFORMATION, TransformationPack
from yiwang.kernel.packs import queries as packs


def names(tables: Iterable[str]) -> dict[str, str]:
    """One query for all of them."""
    asked = set(tables)
    files = {f"{FILE}{each.id}": f"文件：{each.title}" for each in ingest.sources()}
    made = {pack.as_type(TransformationPack).table: str(pack.title) for pack in packs.all_of(TRANSFORMATION)}
    codes = {table: table.partition(".")[2] for table in asked if table.startswith(("raw.", "standard."))}
    titles = catalogue.named(codes.values())
    resources = {table: f"{titles[code]}（{layer(table)}）" for table, code in codes.items() if code in titles}
    return {table: title for table, title in (resources | made | files).items() if table in asked}


def layer(table: str) -> str:
    return {"file": "报送的文件", "raw": "原始层", "standard": "标准层", "registry": "基础库层", "topic": "主题层"}.get(
        table.replace(":", ".").partition(".")[0], ""
    )
