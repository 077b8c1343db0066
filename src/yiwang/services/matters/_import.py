"""Carrying a list into the records: what stands where, who is created for it, what is set aside. Called by actions."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from yiwang.kernel.base.contracts import Actor
from yiwang.kernel.orgs import actions as orgs_actions
from yiwang.kernel.orgs import queries as orgs
from yiwang.kernel.orgs.contracts import NewOrganisation, NewRegion
from yiwang.services.matters import _versions
from yiwang.services.matters._bodies import Bodies, Body
from yiwang.services.matters._list_reader import Line, Refusal, read_list
from yiwang.services.matters._versions import Item, Outcome, Stamp
from yiwang.services.matters.contracts import Content, ImportProblem, ImportReport, Origin
from yiwang.services.matters.models import ImportProblem as ProblemRow
from yiwang.services.matters.models import ImportRun

ORG_KIND = "listed"  # organisations known from an imported list only
_DEPTHS = (2, 4, 6, 9, 12)


@dataclass(frozen=True, slots=True)
class Settled:
    line: Line
    body: Body | None


def carry(path: Path, *, effective_on: date, by: Actor, at: datetime) -> ImportReport:
    raw, found = read_list(path)
    refusals = [entry for entry in found if isinstance(entry, Refusal)]
    lines, repeated = _without_repeats(entry for entry in found if isinstance(entry, Line))
    lines, taken = _without_foreign(lines)
    refusals += repeated + taken
    bodies = Bodies(lines)
    settled = [Settled(line, bodies.settle(line)) for line in lines]
    _ensure_regions(settled, by=by, at=at)
    created, ids = _ensure_organisations(settled, on=effective_on, by=by, at=at)
    items = [_item(each, ids, f"{path.name}:{each.line.number}") for each in settled]
    outcomes = Counter(_versions.lay(items, Stamp(Origin.IMPORT, effective_on, by.account_id, at)).values())
    problems = [refusal.problem for refusal in refusals] + [p for line in lines for p in line.problems]
    report = ImportReport(
        file=str(path),
        read=len(found),
        created=outcomes[Outcome.CREATED],
        updated=outcomes[Outcome.UPDATED],
        unchanged=outcomes[Outcome.UNCHANGED],
        set_aside=len(refusals),
        organisations_created=created,
        problems=tuple(sorted(problems, key=lambda problem: (problem.line, problem.code))),
    )
    _record(report, hashlib.sha256(raw).hexdigest(), refusals, by=by, at=at)
    return report


def _without_repeats(lines: Iterable[Line]) -> tuple[list[Line], list[Refusal]]:
    """The first line of each code stays; later ones are set aside, whatever they say."""
    first: dict[str, Line] = {}
    refusals = []
    for line in lines:
        known = first.setdefault(str(line.code), line)
        if known is not line:
            what = f"编码{line.code}与第{known.number}行重复。"
            refusals.append(_aside(line, "repeated", what, "已用先出现的一行，请删去多余的一行。"))
    return list(first.values()), refusals


def _without_foreign(lines: list[Line]) -> tuple[list[Line], list[Refusal]]:
    """An item that a pack or a page maintains is not overwritten by a list."""
    rows = _versions.locked(str(line.code) for line in lines)
    newest = _versions.latest(row.pk for row in rows.values())
    foreign = {code for code, row in rows.items() if row.pk in newest and newest[row.pk].origin != Origin.IMPORT}
    refusals = [
        _aside(line, "clash", f"编码{line.code}已由配置包或页面维护。", "如要改由清单维护，请先撤下原来的版本。")
        for line in lines
        if str(line.code) in foreign
    ]
    return [line for line in lines if str(line.code) not in foreign], refusals


def _aside(line: Line, code: str, what: str, remedy: str) -> Refusal:
    text = f"{line.department},{line.name},{line.code}"
    return Refusal(ImportProblem(line.number, f"matters.list.{code}", what, remedy, is_refusal=True), text)


def _ensure_regions(settled: Sequence[Settled], *, by: Actor, at: datetime) -> None:
    wanted = {part for each in settled for part in _line_of(each.line.region)}
    missing = sorted(wanted - orgs.regions(wanted).keys())
    if missing:
        # A list names no regions; a made-up name would be worse than none.
        regions = [NewRegion(code, f"区划{code}（名称待补）") for code in missing]
        orgs_actions.create_regions(regions=regions, by=by, at=at)


def _ensure_organisations(
    settled: Sequence[Settled], *, on: date, by: Actor, at: datetime
) -> tuple[int, dict[str, int]]:
    bodies = {each.body.uscc: (each.body, each.line.region) for each in settled if each.body}
    known = {org.uscc: org.id for org in orgs.by_usccs(bodies)}
    missing = [
        NewOrganisation(uscc, body.name, ORG_KIND, region, opened_on=on, short_name=body.name[:40])
        for uscc, (body, region) in sorted(bodies.items())
        if uscc not in known
    ]
    created = orgs_actions.create_many(organisations=missing, by=by, at=at) if missing else []
    return len(created), known | {org.uscc: org.id for org in created}


def _item(each: Settled, ids: dict[str, int], origin_ref: str) -> Item:
    line = each.line
    return Item(
        code=str(line.code),
        matter_id=f"listed:{line.code.item}",
        org_id=ids[each.body.uscc] if each.body else None,
        body_name=line.department or (each.body.name if each.body else "未写部门"),
        body_code=line.org_mark.text,
        region_code=line.region,
        content=Content(
            name=line.name,
            type=line.type,
            main_item=line.main_item,
            doubts=tuple(f"{problem.what}{problem.remedy}" for problem in line.problems),
        ),
        origin_ref=origin_ref,
    )


def _line_of(region: str) -> list[str]:
    codes = [region[:depth].ljust(12, "0") for depth in _DEPTHS]
    return codes[: codes.index(region) + 1]


def _record(report: ImportReport, sha256: str, refusals: Sequence[Refusal], *, by: Actor, at: datetime) -> None:
    run = ImportRun.objects.create(
        file_name=Path(report.file).name[:200],
        sha256=sha256,
        read=report.read,
        created=report.created,
        updated=report.updated,
        unchanged=report.unchanged,
        set_aside=report.set_aside,
        organisations_created=report.organisations_created,
        recorded_at=at,
        recorded_by=by.account_id,
    )
    texts = {refusal.problem: refusal.text for refusal in refusals}
    ProblemRow.objects.bulk_create(
        (
            ProblemRow(
                run=run,
                line=problem.line,
                code=problem.code,
                what=problem.what[:400],
                remedy=problem.remedy[:200],
                is_refusal=problem.is_refusal,
                line_text=texts.get(problem, ""),
            )
            for problem in report.problems
        ),
        batch_size=_versions.BATCH,
    )
