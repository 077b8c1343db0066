"""A catalogue of many entries, and how long it takes to find some by words: in this process, over HTTP, and the bare index."""

import asyncio
import csv
import random
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path
from urllib.parse import quote

from django.contrib.auth.hashers import make_password
from django.db import connection
from django.utils import timezone

from yiwang.data.catalogue import queries
from yiwang.demo.bench._copying import Row, copy
from yiwang.demo.bench._ground import load_packs, past_checks, tidy
from yiwang.demo.bench._http import Client
from yiwang.demo.bench._people import PASSWORD, REGION, REGIONS, uscc_of
from yiwang.demo.bench.contracts import Figures, Installation, Tell
from yiwang.kernel.base.contracts import SYSTEM, Actor
from yiwang.kernel.orgs import actions as orgs
from yiwang.kernel.orgs import queries as orgs_read
from yiwang.kernel.orgs.contracts import NewOrganisation
from yiwang.kernel.people import actions as people
from yiwang.kernel.people import queries as people_read
from yiwang.kernel.people.contracts import NewPost, NewStaff


def _listed(words: str) -> list[str]:
    return words.split()


UNITS, HTTP_SEARCHES, WARM = 120, 300, 30
VIEWER = "bench.catalogue"
_PIECE = 20_000
_MOST_SUBJECTS = 3000
_FIELDS = _listed("""
    市场监管 公安 民政 教育 卫生健康 人力资源社会保障 自然资源 住房城乡建设 交通运输 水利 农业农村 文化旅游 应急管理
    生态环境 医疗保障 税务 司法 财政 统计 审计 林业 气象 残联 退役军人 档案 消防
    """)
_THINGS = _listed("""
    企业登记 个体工商户 食品经营许可 药品零售 户籍人口 居民身份证 机动车 驾驶人 婚姻登记 低保对象 特困人员 养老机构
    学籍 教师资格 出生医学证明 预防接种 医疗机构 执业医师 参保人员 工伤认定 就业登记 职业技能证书 不动产登记
    国有土地使用权 施工许可 商品房预售 公租房 道路运输 取水许可 河道 农机 种子生产 文物保护单位 旅行社 安全生产许可
    危险化学品 排污许可 空气质量 医保结算 纳税信用 法律援助 行政处罚 政府采购 残疾人 公墓
    """)
_SUFFIXES = _listed(
    "信息 基本信息 登记信息 变更信息 注销信息 名录 台账 统计 年度报告 办理结果 证照信息 检查记录 处罚决定 公示信息"
)
_ITEMS = _listed(
    "名称 统一社会信用代码 公民身份号码 联系电话 住址 行政区划 登记日期 有效期至 证照编号 状态 经办机构 更新时间"
)
_SHAPES = {1: "one_sign", 2: "two_signs", 3: "three_signs", 4: "four_signs", 6: "six_signs"}


def run(*, site: Installation, entries: int, searches: int, shared: Path | None, tell: Tell) -> Figures:
    """Fill the installation's catalogue by COPY, then search it: queries are cut from titles with a fixed seed."""
    load_packs(site.home)
    units = _units()
    subjects = _subjects(shared)
    tell(f"{entries} entries are written, {len(subjects)} subjects")
    titles = _fill(site, units, subjects, entries)
    tidy(site)
    asked = _asked(titles, searches)
    found: Figures = {"entries": entries, "subjects": len(subjects), "searches_of_each_kind": searches}
    by = people_read.actor_of(people_read.accounts_named(VIEWER)[0].id)
    for name, texts in asked.items():
        tell(f"search: {name}")
        page = _timed(lambda text: queries.search(text, by).items, texts)
        # What the index itself takes: the same pieces, the rows' numbers only.
        found[name] = {"search_ms": page, "bare_index_ms": _timed(_bare, texts), "found_something": _hits(texts, by)}
    everything = [text for texts in asked.values() for text in texts]
    random.Random(2).shuffle(everything)
    found["all_ms"] = _timed(lambda text: queries.search(text, by).items, everything)
    tell("search over HTTP")
    searched = [f"/api/catalogue/resources?q={quote(text)}" for text in everything[: HTTP_SEARCHES + WARM]]
    found["http_ms"] = asyncio.run(_over_http(site, searched, 200))
    # What any request costs that a sitting belongs to: an entry that is not there.
    nothing = [f"/api/catalogue/resources/bench.none{n}" for n in range(HTTP_SEARCHES + WARM)]
    found["http_floor_ms"] = asyncio.run(_over_http(site, nothing, 404))
    return found


def _hits(texts: Sequence[str], by: Actor) -> float:
    return round(sum(bool(queries.search(text, by, size=1).items) for text in texts[:50]) / len(texts[:50]), 2)


def _units() -> list[int]:
    at = timezone.now() - timedelta(days=1)
    known = orgs_read.regions([region.code for region in REGIONS])
    orgs.create_regions(regions=[one for one in REGIONS if one.code not in known], by=SYSTEM, at=at)
    made = orgs.create_many(
        organisations=[
            NewOrganisation(
                uscc=uscc_of(5000 + n),
                name=f"测速区第{n}{_FIELDS[n % len(_FIELDS)]}局",
                short_name=f"第{n}{_FIELDS[n % len(_FIELDS)]}局",
                doc_mark=f"目{n}",
                kind="bench-unit",
                region_code=REGION,
                parent_uscc=None,
                opened_on=date(2019, 1, 1),
                is_demo=True,
            )
            for n in range(UNITS)
        ],
        by=SYSTEM,
        at=at,
    )
    post = NewPost(made[0].id, "unit-clerk", "联络员")
    people.create_staff(staff=[NewStaff(VIEWER, "测速员", (post,), make_password(PASSWORD))], by=SYSTEM, at=at)
    return [unit.id for unit in made]


def _subjects(shared: Path | None) -> list[str]:
    """What entries are about: the names of a real county's items where they are there, and a list."""
    path = shared / "service_items" / "guangan_items.csv" if shared else None
    real: set[str] = set()
    if path and path.is_file():
        with path.open(encoding="utf-8-sig", newline="") as file:
            real = {row["name"][:60] for row in csv.DictReader(file)}
    return [*_THINGS, *sorted(real)][:_MOST_SUBJECTS]


def _fill(site: Installation, units: Sequence[int], subjects: Sequence[str], entries: int) -> list[str]:
    titles: list[str] = []
    with past_checks(site) as cursor:
        for rows in _pieces(_rows(units, subjects, entries)):
            copy(cursor, "catalogue.Resource", rows)
            titles += [str(row["title"]) for row in rows]
    return titles


def _pieces(rows: Iterator[Row]) -> Iterator[list[Row]]:
    piece: list[Row] = []
    for row in rows:
        piece.append(row)
        if len(piece) == _PIECE:
            yield piece
            piece = []
    if piece:
        yield piece


def _rows(units: Sequence[int], subjects: Sequence[str], entries: int) -> Iterator[Row]:
    draw, now = random.Random(1), timezone.now().isoformat()
    for n in range(entries):
        field, subject = draw.choice(_FIELDS), draw.choice(subjects)
        title = f"{field}{subject}{draw.choice(_SUFFIXES)}"[:120]
        items, keywords, code = draw.sample(_ITEMS, 6), [field, subject[:20]], f"bench.e{n}"
        words = queries.words_of(code, title, keywords, items)
        yield {
            "code": code, "org_id": draw.choice(units), "title": title, "summary": f"{title}，每日由业务系统产生。",
            "shape": "database", "sharing": draw.choice(("unconditional", "conditional")), "sharing_condition": "用于办理事项",
            "ways": "{service}", "opening": "closed", "update_cycle": "daily", "grade": "general-2", "keywords": _array(keywords),
            "matters": "{}", "state": "in-force", "origin": "import", "revision": 1, "item_count": len(items), "revised_at": now,
            "published_on": "2026-01-05", "words": _array(words), "weight": len(title),
        }  # fmt: skip


def _array(texts: Sequence[str]) -> str:
    return "{" + ",".join('"' + text.replace("\\", "\\\\\\\\").replace('"', '\\\\"') + '"' for text in texts) + "}"


def _asked(titles: Sequence[str], searches: int) -> dict[str, list[str]]:
    draw = random.Random(3)

    def cut(size: int) -> str:
        title = draw.choice(titles)
        first = draw.randrange(max(1, len(title) - size + 1))
        return title[first : first + size]

    asked = {name: [cut(size) for _ in range(searches)] for size, name in _SHAPES.items()}
    asked["two_words"] = [f"{draw.choice(_FIELDS)} {draw.choice(_THINGS)}" for _ in range(searches)]
    return asked


def _bare(text: str) -> object:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM catalogue_resource WHERE words @> %s::varchar[] LIMIT 21", [queries.pieces_of(text)]
        )
        return cursor.fetchall()


def _timed(work: Callable[[str], object], texts: Sequence[str]) -> dict[str, float]:
    """Milliseconds by the clock; the first warm what every process has warm."""
    for text in texts[:WARM]:
        work(text)
    found = []
    for text in texts:
        begun = time.perf_counter()
        work(text)
        found.append((time.perf_counter() - begun) * 1000)
    return _told(found)


def _told(found: Sequence[float]) -> dict[str, float]:
    cuts = statistics.quantiles(found, n=100)
    return {name: round(value, 2) for name, value in zip(("p50", "p95", "p99", "max"), (cuts[49], cuts[94], cuts[98], max(found)), strict=True)}  # fmt: skip


async def _over_http(site: Installation, addresses: Sequence[str], wanted: int) -> dict[str, float]:
    client = Client(site.url)
    await client.sign_in(VIEWER, PASSWORD, "staff")
    found = []
    for place, address in enumerate(addresses):
        begun = time.perf_counter()
        status, _ = await client.request("GET", address)
        if status != wanted:
            raise RuntimeError(f"{address} answered {status}")
        if place >= WARM:
            found.append((time.perf_counter() - begun) * 1000)
    await client.close()
    return _told(found)
