"""A department's CSV into the lake, rows a second, beside the same file by bare COPY into PostgreSQL and by bare DuckDB into Parquet."""

import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from django.db import connection
from django.utils import timezone

from yiwang.data.ingest import actions
from yiwang.data.ingest.contracts import State
from yiwang.demo.bench.contracts import Figures, Tell
from yiwang.kernel.base.contracts import SYSTEM
from yiwang.kernel.packs import queries as packs

SOURCE = "bench.deliveries"
_COLUMNS = {
    "编号": ("number", "type: text, max_length: 20"), "姓名": ("name", "type: text, max_length: 40"),
    "登记日期": ("entered_on", "type: date"), "金额": ("amount", "type: decimal, places: 2"),
    "人数": ("persons", "type: integer"), "地址": ("address", "type: text, max_length: 80"),
}  # fmt: skip
# One row in a thousand has a day that does not exist: it is set aside with its reason.
_MADE = """
SELECT printf('B%012d', i) AS 编号, '居民' || (i % 90000) AS 姓名,
  CASE WHEN i % 1000 = 7 THEN '2025-02-30' ELSE CAST(DATE '2001-01-01' + (i % 9000)::INTEGER AS VARCHAR) END AS 登记日期,
  printf('%d.%02d', i % 70000, i % 100) AS 金额, i % 40 AS 人数, '安澜市临江区柳岸社区' || (i % 4000) || '号' AS 地址
FROM range({rows}) AS made (i)
"""


def run(*, rows: int, tell: Tell) -> Figures:
    """On an installation's records and lake; a second delivery of the same source, with as many rows, is counted out against the first."""
    import duckdb

    with tempfile.TemporaryDirectory() as folder, packs.using(_place(Path(folder) / "packs")), duckdb.connect() as made:
        first, second = Path(folder) / "first.csv", Path(folder) / "second.csv"
        tell(f"{rows} rows are written")
        made.execute(f"COPY ({_MADE.format(rows=rows)}) TO '{first}' (HEADER)")
        half = f"SELECT * FROM ({_MADE.format(rows=rows + rows // 2)}) OFFSET {rows // 2}"
        made.execute(f"COPY ({half}) TO '{second}' (HEADER)")
        tell("bare DuckDB into Parquet")
        parquet = Path(folder) / "bare.parquet"
        bare = _timed(
            rows, lambda: made.execute(f"COPY (SELECT * FROM read_csv('{first}', all_varchar = true)) TO '{parquet}'")
        )
        tell("bare COPY into PostgreSQL")
        copied = _timed(rows, lambda: _copied(first))
        found: Figures = {"rows": rows, "bytes": first.stat().st_size, "bare_duckdb": bare, "bare_copy": copied}
        for name, path in (("first_delivery", first), ("half_of_it_again", second)):
            tell(f"ingest: {name}")
            found[name] = _timed(rows, lambda path=path: _taken(path, found.setdefault("counts", [])))  # type: ignore[misc]
        found["beside_copy"] = round(found["first_delivery"]["rows_per_s"] / copied["rows_per_s"], 3)
        found["beside_duckdb"] = round(found["first_delivery"]["rows_per_s"] / bare["rows_per_s"], 3)
        return found


def _taken(path: Path, counts: list[dict[str, int]]) -> None:
    done = actions.run(source_id=SOURCE, path=path, by=SYSTEM, at=timezone.now())
    if done.state is not State.TAKEN:
        raise RuntimeError(f"the batch ended as {done.state}: {done.words}")
    counts.append({name: getattr(done, name) for name in ("read", "taken", "duplicate", "standard", "unfit")})


def _timed(rows: int, work: Callable[[], object]) -> dict[str, float]:
    begun, cpu = time.perf_counter(), time.process_time()
    work()
    seconds, cpu = time.perf_counter() - begun, time.process_time() - cpu
    return {
        "seconds": round(seconds, 2), "cpu_s_of_this_process": round(cpu, 2), "rows_per_s": round(rows / seconds),
    }  # fmt: skip


def _copied(path: Path) -> None:
    """Texts as they come, into a table without any index; the server's time is in the seconds and not in our CPU."""
    listed = ", ".join(f"{name} text" for name, _ in _COLUMNS.values())
    with connection.cursor() as cursor, path.open("rb") as file:
        cursor.execute(f"CREATE TEMP TABLE bench_deliveries ({listed})")
        with cursor.copy("COPY bench_deliveries FROM STDIN (FORMAT csv, HEADER)") as copy:
            while block := file.read(1 << 20):
                copy.write(block)
        cursor.execute("DROP TABLE bench_deliveries")


def _place(folder: Path) -> Path:
    place = folder / "bench"
    place.mkdir(parents=True)
    (place / "place.yaml").write_text("kind: Place\nid: bench\ntitle: 测速\n", encoding="utf-8")
    elements = [
        f"{{kind: DataElement, id: {_element(name)}, title: {title}, {kind}, sensitivity: general}}"
        for title, (name, kind) in _COLUMNS.items()
    ]
    columns = ", ".join(
        f"{{name: {title}, as: {name}, element: {_element(name)}}}" for title, (name, _) in _COLUMNS.items()
    )
    source = (
        f"{{kind: Source, id: {SOURCE}, title: 投递, resource: bench.deliveries, format: csv, load: changes,"
        f" columns: [{columns}]}}"
    )
    (place / "all.yaml").write_text("\n---\n".join([*elements, source]), encoding="utf-8")
    return folder


def _element(name: str) -> str:
    return f"bench.{name.replace('_', '-')}"
