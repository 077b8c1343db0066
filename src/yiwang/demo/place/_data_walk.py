"""From departments' dirty files to a registry, an objection and its correction at the source: each step with figures and where to look."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from yiwang.data.catalogue import queries as catalogue
from yiwang.data.engine import queries as lakes
from yiwang.data.entities import actions as entities
from yiwang.data.ingest import actions as ingest
from yiwang.data.ingest.contracts import BatchView
from yiwang.data.quality import actions as quality
from yiwang.data.quality.contracts import NewObjection, ReportView
from yiwang.data.registries import actions as registries
from yiwang.data.registries import queries as registered
from yiwang.data.transform import actions as transform
from yiwang.data.transform import queries as transformations
from yiwang.demo.place import _deliveries
from yiwang.demo.place.kinds import NAMES, PLACE, DemoPlace, Names
from yiwang.kernel.base.contracts import SYSTEM
from yiwang.kernel.base.sealing import sealed_index
from yiwang.kernel.cases import actions as cases
from yiwang.kernel.packs import queries as packs
from yiwang.kernel.people import queries as people

RESOURCE, TAXPAYERS = "anlan.market.enterprises", "anlan.tax.taxpayers"
SOURCE, LIST = "anlan.source.enterprises", "anlan.source.enterprise-list"
ENTITIES = "anlan.entities.firm"
REGISTRY = "registry.anlan.firms"
FILES = "legal-persons"
COLUMN, ITEM = "住所", "address"
FLOOR = "2层"


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the way: what was done, its figures, and the address or command where it can be looked at."""

    title: str
    lines: tuple[str, ...]
    where: str


def walk(*, folder: Path, given: Path | None, firms: int, seed: int, at: datetime) -> Iterator[Step]:
    """Each step is done when it is asked for; the same files again change nothing. Raises NoSuchResource before the place is made."""
    yield _entry()
    place = packs.all_of(PLACE)[0].as_type(DemoPlace)
    names = packs.all_of(NAMES)[0].as_type(Names)
    county = next(region.code[:6] for region in place.regions if region.towns)
    made = _deliveries.write(folder, names=names, county=county, firms=firms, seed=seed, today=at.date())
    listed = given or made.enterprises
    source = LIST if given else SOURCE
    yield _files(made, given)
    for source_id, path in (
        (source, listed), ("anlan.source.taxpayers", made.taxpayers),
        *(("anlan.source.arrears", each) for each in made.arrears),
    ):  # fmt: skip
        yield _taken(ingest.run(source_id=source_id, path=path, by=SYSTEM, at=at))
    before = quality.inspect(resource=RESOURCE, by=SYSTEM, at=at)
    yield _inspected("质量检查", before)
    yield _resolved(at)
    yield _made(at)
    yield _kept(at)
    yield from _corrected(source, listed, folder, at)


def _entry() -> Step:
    entry = catalogue.resource(RESOURCE)
    lines = [f"{entry.title}（{entry.code}），信息项{len(entry.items)}个，第{entry.revision}版"]
    lines += [f"{catalogue.resource(TAXPAYERS).title}（{TAXPAYERS}）"]
    return Step("目录", tuple(lines), f"/desk/catalogue/resources/{entry.code}")


def _files(made: _deliveries.Delivered, given: Path | None) -> Step:
    if given:
        return Step(
            "报送的文件", (f"{given.name}（{given.stat().st_size}字节），税务的文件仍是演示生成的",), str(given)
        )
    dirt = "、".join(f"{name} {count}" for name, count in made.mistakes.items())
    return Step("报送的文件", (f"写入的差错：{dirt}",), str(made.enterprises.parent))


def _taken(batch: BatchView) -> Step:
    sums = f"读 {batch.read} = 入库 {batch.taken} + 隔离 {batch.quarantined} + 重复 {batch.duplicate}"
    lines = [f"{batch.source_id}：{sums}；标准层 {batch.standard}，不合格 {batch.unfit}"]
    lines += [f"{count}行 {why}" for why, count in list(batch.reasons.items())[:6]]
    if batch.words:
        lines.append(batch.words)
    return Step(f"汇聚，第{batch.id}批（{batch.state.label}）", tuple(lines), f"/desk/ingest/batches/{batch.id}")


def _inspected(title: str, report: ReportView) -> Step:
    lines = [f"得分 {report.score}，{report.rows}行中{report.faulty_rows}行有问题"]
    lines += [f"{each.failed} / {each.judged} {each.sentence}" for each in report.findings if each.failed][:6]
    return Step(title, tuple(lines), f"/desk/quality/resources/{report.resource}")


def _resolved(at: datetime) -> Step:
    run = entities.resolve(model_id=ENTITIES, by=SYSTEM, at=at)
    lines = f"{run.records}条记录归为{run.entities}家企业，{run.pairs}对相同，{run.waiting}对等人判断"
    return Step("实体归一", (lines,), "/desk/entities")


def _made(at: datetime) -> Step:
    lines = []
    for each in transformations.ordered():
        if transformations.is_stale(each.id):
            run = transform.run(transformation_id=each.id, by=SYSTEM, at=at)
            lines.append(
                f"{each.title}：{run.table} 第{run.snapshot}个快照，{run.rows}行（{run.way.label}）{run.words}"
            )
    return Step("治理加工", tuple(lines) or ("没有新数据",), f"/desk/lineage?table={REGISTRY}")


def _kept(at: datetime) -> Step:
    """入库: the registry that forms and people ask, one file a firm."""
    # Another number of made-up firms than last time is no torso.
    done = registries.take_over(registry=FILES, is_forced=True, by=SYSTEM, at=at)
    sums = f"新增 {done.added}，变更 {done.changed}，未变 {done.kept}，不再报送 {done.gone}"
    lines = [f"{done.table} 第{done.snapshot}个快照，读{done.read}行：{sums}"]
    found = _asked("uscc, name", "name IS NOT NULL")
    if not found:
        return Step("入库：一企一档", tuple(lines), "yiwang registries list")
    return Step("入库：一企一档", (*lines, *_file(str(found[0][0]))), f"/desk/registries/{FILES}")


def _file(uscc: str) -> list[str]:
    """One firm's file, each value with where and from when it is."""
    held = registered.find_file(FILES, sealed_index(uscc))
    lines = []
    for each in held.values if held else ():
        good = f"，质量 {each.quality.score}" if each.quality else ""
        lines.append(f"{each.title} {each.shown}（{each.source_title}，{each.since}起{good}）")
    return lines


def _corrected(source: str, listed: Path, folder: Path, at: datetime) -> Iterator[Step]:
    """Somebody who uses the registry finds an address wrong; the unit puts it right where it came from."""
    found = _one_to_object_to()
    if found is None:
        yield Step("异议", ("基础库里没有可以提出异议的企业",), "yiwang lake tables")
        return
    uscc, held = found
    claimed = f"{held}{FLOOR}"
    new = NewObjection(RESOURCE, ITEM, uscc, held, claimed, "实地走访与登记不符")
    said = quality.object_to(new=new, by=SYSTEM, at=at)
    case = quality.answer_objection(objection_id=said.id, by=SYSTEM, at=at)
    assert case is not None  # the source is a resource of the catalogue
    yield Step("异议", (f"{uscc} 的{COLUMN}：{held} → {claimed}",), f"/desk/cases/{case.number}")
    target = folder / "enterprises-corrected.csv"
    encoding = "utf-8" if source == LIST else "gb18030"
    rows = _deliveries.corrected(
        listed, target, key="uscc" if source == LIST else "统一社会信用代码", uscc=uscc,
        column="address" if source == LIST else COLUMN, value=claimed, encoding=encoding,
    )  # fmt: skip
    step = _taken(ingest.run(source_id=source, path=target, by=SYSTEM, at=at))
    yield Step(f"源头更正并重新报送：{step.title}", (f"改了{rows}行", *step.lines), step.where)
    made = _made(at)
    registries.take_over(registry=FILES, is_forced=True, by=SYSTEM, at=at)
    now = registered.find_value(FILES, sealed_index(uscc), ITEM)
    yield Step("更正到了基础库", (*made.lines, f"{uscc} 的{COLUMN}现为：{now}"), made.where)
    yield _answered(case.id, case.org_id, case.number, at)
    yield _inspected("再次检查", quality.inspect(resource=RESOURCE, by=SYSTEM, at=at))


def _answered(case_id: int, org_id: int, number: str, at: datetime) -> Step:
    who = next(iter(people.holders("reviewer", org_id, at=at)), None)
    if who is None:
        return Step("答复异议", ("数源单位没有审查岗位，异议等待答复",), f"/desk/cases/{number}")
    by = people.actor_of(who.id, None, at=at)
    done = cases.advance(
        case_id=case_id, step="check", choice="at-source", grounds="已在登记系统更正，重新报送后生效", by=by, at=at
    )
    return Step("答复异议", (f"数源单位答复：{done.outcome_name}",), f"/desk/cases/{number}")


def _one_to_object_to() -> tuple[str, str] | None:
    """The first firm whose address lacks its floor."""
    rows = _asked("uscc, address", f"address IS NOT NULL AND NOT ends_with(address, '{FLOOR}')")
    return (str(rows[0][0]), str(rows[0][1])) if rows else None


def _asked(columns: str, where: str) -> Sequence[tuple[object, ...]]:
    with lakes.connect() as lake:
        relation = lakes.mount(lake, REGISTRY)
        return lake.execute(f"SELECT {columns} FROM {relation} WHERE {where} ORDER BY uscc LIMIT 1").fetchall()
