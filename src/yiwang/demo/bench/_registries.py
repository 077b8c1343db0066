"""A registry of many: rows a second of a take-over beside bare COPY, and point reads of a file beside a bare SELECT over the same index.

More rows than are worth sealing one by one are filled in: real keys and numbers, the contents of a thousand sealed rows under many keys.
"""

import random
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from django.db import connection
from django.utils import timezone

from yiwang.data.engine import actions as lake_actions
from yiwang.data.engine import queries as lake
from yiwang.data.registries import actions, queries
from yiwang.data.registries.contracts import IntakeView
from yiwang.demo.bench._ground import past_checks
from yiwang.demo.bench.contracts import Figures, Installation, Tell
from yiwang.kernel.base.contracts import SYSTEM
from yiwang.kernel.base.sealing import sealed_index
from yiwang.kernel.packs import queries as packs

REGISTRY, TABLE = "bench.people", "registry.bench.people"
# More than these are not taken over but filled in: sealing ten million rows is half an hour of one processor.
TAKEN = 200_000
_CONTENTS = 1000
_WARM = 200
_PIECE = 20_000
_FILLED = 500_000
_COPY = """
COPY registries_entry (register_id, key, digest, content, number, intake_id, name_key, is_here, is_direct, kind, columns, region_code)
FROM STDIN
"""
_COLUMNS = ("number", "name", "sex", "born_on", "ethnicity", "address", "region", "book", "relation", "phone")
_ROW = """
SELECT printf('99%016d', i) AS number, '居民' || i AS name, 1 + i % 2 AS sex, DATE '1940-01-01' + (i % 30000)::INTEGER AS born_on,
  '01' AS ethnicity, '安澜市临江区柳岸社区' || (i % 4000 + {moved}) || '号' AS address, '990102001001' AS region,
  printf('9901%011d', i // 3) AS book, '02' AS relation, printf('138%08d', i % 100000000) AS phone
FROM range({rows}) AS made (i)
"""


def run(*, rows: int, reads: int, settle: Callable[[], None], site: Installation | None, tell: Tell) -> Figures:
    """In an installation of its own; `settle` has the server tidy up before files are read. Rows are filled in past the checks of a `site`.

    Reads are drawn with a fixed seed; times are of this process and the server, side by side.
    """
    with tempfile.TemporaryDirectory() as folder, packs.using(_place(Path(folder))):
        taking = min(rows, TAKEN)
        tell(f"writing {taking} rows into the lake")
        _commit("first", _ROW.format(rows=taking, moved=0))
        tell("taking them in")
        taken = _taken(actions.take_over)
        tell("the same by COPY into a bare table")
        bare = _bare_copy()
        tell("one row in a hundred has moved")
        _commit("second", _moved(taking))
        again = _taken(actions.take_over)
        filled = _filled(taking, rows, site, tell) if rows > taking else {}
        settle()
        tell(f"{reads} files by their numbers")
        return {
            "rows": rows,
            "take_over": taken,
            "bare_copy": bare,
            "take_over_beside_copy": round(taken["rows_per_s"] / bare["rows_per_s"], 3),
            "take_over_one_in_a_hundred": again,
            "filled_in": filled,
            "point_reads": _reads(rows, reads),
        }


def _moved(rows: int) -> str:
    """Everybody once more; one in a hundred at another address."""
    same, moved = _ROW.format(rows=rows, moved=0), _ROW.format(rows=rows, moved=7)
    return (
        f"SELECT * FROM ({same}) WHERE number[-2:] <> '07' UNION ALL SELECT * FROM ({moved}) WHERE number[-2:] = '07'"
    )


def _commit(key: str, sql: str) -> None:
    at = timezone.now()
    lake_actions.declare(name=TABLE, layer="registry", by=SYSTEM, at=at)
    with lake.connect(memory="2GB") as made:
        lake_actions.commit(table=TABLE, source=sql, connection=made, mode="replace", key=key, by=SYSTEM, at=at)


def _taken(take: Callable[..., IntakeView]) -> Figures:
    begun, cpu = time.monotonic(), time.process_time()
    done = take(registry=REGISTRY, by=SYSTEM, at=timezone.now())
    seconds, cpu = time.monotonic() - begun, time.process_time() - cpu
    return {
        "added": done.added, "changed": done.changed, "kept": done.kept, "seconds": round(seconds, 2),
        "cpu_s_of_this_process": round(cpu, 2), "rows_per_s": round(done.read / seconds),
    }  # fmt: skip


def _filled(first: int, last: int, site: Installation | None, tell: Tell) -> Figures:
    """Rows by COPY in the order of their keys, and without a key for names, so that both indexes grow at their end."""
    tell(f"filling in {last - first} rows")
    begun = time.monotonic()
    with past_checks(site) if site else connection.cursor() as cursor:
        cursor.execute("SELECT id, last FROM registries_register WHERE registry = %s", [REGISTRY])
        register, number = cursor.fetchall()[0]
        cursor.execute(
            "SELECT content, intake_id FROM registries_entry WHERE register_id = %s LIMIT %s", [register, _CONTENTS]
        )
        sealed = cursor.fetchall()
        contents, intake = [bytes(content).hex() for content, _ in sealed], sealed[0][1]
        keys = sorted(sealed_index(f"99{i:016d}") for i in range(first, last))
        for start in range(0, len(keys), _FILLED):
            with cursor.copy(_COPY) as copy:
                for key in keys[start : start + _FILLED]:
                    number += 1
                    content = contents[number % len(contents)]
                    copy.write(
                        f"{register}\t{key}\t\\\\x{key}\t\\\\x{content}\t{number}\t{intake}\t\tt\tf\tadded\t{{}}\t\n"
                    )
        cursor.execute("UPDATE registries_register SET last = %s WHERE id = %s", [number, register])
        cursor.execute("SELECT pg_total_relation_size('registries_entry')")
        ((size,),) = cursor.fetchall()
    seconds = time.monotonic() - begun
    return {"rows": len(keys), "seconds": round(seconds, 1), "table_and_indexes_mb": size // 2**20}


def _bare_copy() -> Figures:
    """The same rows out of the lake into a table with one unique index: no sealing, no comparing, no versions."""
    with connection.cursor() as cursor, lake.connect(memory="2GB") as made:
        cursor.execute(
            f"CREATE TEMP TABLE bench_people (key text UNIQUE, {', '.join(f'{name} text' for name in _COLUMNS)})"
        )
        relation = lake.mount(made, TABLE)
        begun, count = time.monotonic(), 0
        texts = ", ".join(f"CAST({name} AS VARCHAR)" for name in ("number", *_COLUMNS))
        found = made.execute(f"SELECT {texts} FROM {relation}")
        with cursor.copy("COPY bench_people FROM STDIN") as copy:
            while rows := found.fetchmany(_PIECE):
                for row in rows:
                    copy.write_row(row)
                count += len(rows)
        seconds = time.monotonic() - begun
        cursor.execute("DROP TABLE bench_people")
    return {"seconds": round(seconds, 2), "rows_per_s": round(count / seconds)}


def _reads(rows: int, reads: int) -> Figures:
    chance = random.Random(1)
    keys = [sealed_index(f"99{chance.randrange(rows):016d}") for _ in range(reads + _WARM)]
    with connection.cursor() as cursor:
        cursor.execute("SELECT register_id FROM registries_entry WHERE key = %s", [keys[0]])
        (register,) = cursor.fetchone()

    def bare(key: str) -> object:
        with connection.cursor() as cursor:
            cursor.execute("SELECT content FROM registries_entry WHERE register_id = %s AND key = %s", [register, key])
            return cursor.fetchone()

    file, select = _timed(lambda key: queries.file(REGISTRY, key), keys), _timed(bare, keys)
    return {
        "file_ms": file,
        "bare_select_ms": select,
        "p50_times_bare": round(file["p50"] / select["p50"], 2),
        "p99_times_bare": round(file["p99"] / select["p99"], 2),
    }


def _timed(read: Callable[[str], object], keys: list[str]) -> dict[str, float]:
    """Milliseconds; the first reads only warm what every process has warm."""
    found = []
    for place, key in enumerate(keys):
        begun = time.perf_counter()
        if read(key) is None:
            raise RuntimeError("a row that was written is not found")
        if place >= _WARM:
            found.append((time.perf_counter() - begun) * 1000)
    cuts = statistics.quantiles(found, n=100)
    return {"p50": round(cuts[49], 3), "p99": round(cuts[98], 3), "max": round(max(found), 3)}


def _place(folder: Path) -> Path:
    """Packs of one registry with the columns of the population's."""
    types = {"born_on": "type: date"}
    kinds = [
        f"{{kind: DataElement, id: {_element(name)}, title: {name}, {types.get(name, 'type: text, max_length: 80')}, sensitivity: personal}}"
        for name in _COLUMNS
    ]
    columns = ", ".join(f"{{name: {name}, element: {_element(name)}}}" for name in _COLUMNS)
    feed = f"{{table: {TABLE}, source: police, sources: [{{code: police, title: 户籍}}]}}"
    flow = """kind: Flow
id: bench.objection
title: 异议
start: check
outcomes: {done: {name: 办结, good: true}}
steps:
  check: {name: 核对, post: bench-post, at: handling, choices: {answer: {name: 答复, to: end, outcome: done}}}
  end: {name: 结束, type: end}"""
    registry = (
        f"{{kind: Registry, id: {REGISTRY}, title: 人口, units: [bench], flow: bench.objection, of: person, key: number,"
        f" name: name, narrow: born_on, columns: [{columns}]}}"
    )
    fed = f"{{kind: RegistryFeed, id: {REGISTRY}-feed, title: 来源, registry: {REGISTRY}, feed: {feed}}}"
    post = "{kind: PostType, id: bench-post, title: 岗位, permissions: [cases.act], reach: own}"
    place = folder / "bench"
    place.mkdir()
    (place / "place.yaml").write_text("kind: Place\nid: bench\ntitle: 测速\n", encoding="utf-8")
    (place / "all.yaml").write_text("\n---\n".join([*kinds, post, flow, registry, fed]), encoding="utf-8")
    return folder


def _element(column: str) -> str:
    return f"bench.{column.replace('_', '-')}"
