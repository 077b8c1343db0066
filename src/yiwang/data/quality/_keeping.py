"""Writes an inspection down, and follows it up: new problems go back to their source, old ones are verified."""

from datetime import datetime

from yiwang.data.quality import _book, _score
from yiwang.data.quality._inspecting import Looked
from yiwang.data.quality._score import Figure
from yiwang.data.quality.contracts import KIND
from yiwang.data.quality.models import FailingRow, Finding, Problem, Report, Standing
from yiwang.kernel.base.contracts import SYSTEM, Actor
from yiwang.kernel.cases import actions as engine
from yiwang.kernel.cases import queries as cases
from yiwang.kernel.cases.contracts import TaskStatus
from yiwang.kernel.forms import queries as forms
from yiwang.kernel.orgs import queries as orgs

FORM = "national.quality.correction-form"
VERIFY, VERIFIED, STILL = "verify", "verified", "still"
DISMISSED = "dismissed"


def kept(looked: Looked, *, at: datetime) -> Report:
    """The report with its findings and rows; the resource's standing is locked from here on."""
    code, entry = looked.resource.code, looked.resource
    standing = _locked(code, entry.org_id)
    scores = _score.dimensions(looked.figures)
    report = Report.objects.create(
        resource=code,
        org_id=entry.org_id,
        table=looked.snapshot.table,
        snapshot=looked.snapshot.number,
        rules_hash=looked.rules_hash,
        rows=looked.found.rows,
        faulty_rows=looked.found.faulty_rows,
        score=_score.overall(scores, _book.policy()),
        dimensions={name.value: str(score) for name, score in scores.items()},
        row_scores={str(tens): count for tens, count in looked.found.scores.items()},
        left_out=[list(pair) for pair in looked.found.left_out],
        as_of=looked.day,
        inspected_at=at,
    )
    _findings(looked, report)
    standing.org_id, standing.report = entry.org_id, report
    standing.score = report.score if report.score is not None else 100
    standing.save()
    return report


def _locked(code: str, org_id: int) -> Standing:
    Standing.objects.get_or_create(resource=code, defaults={"org_id": org_id})
    return Standing.objects.select_for_update().get(resource=code)


def _findings(looked: Looked, report: Report) -> None:
    findings = Finding.objects.bulk_create(
        Finding(
            report=report,
            code=each.code,
            sentence=each.sentence,
            trait=each.trait,
            dimension=each.dimension.value,
            columns=list(each.columns),
            pack=each.pack,
            weight=each.weight,
            judged=each.judged,
            failed=each.failed,
        )
        for each in looked.figures
    )
    FailingRow.objects.bulk_create(
        (
            FailingRow(finding=finding, place=row.place, key=row.key, values=dict(row.values), shown=dict(row.shown))
            for finding in findings
            for row in looked.rows.get(finding.code, ())
        ),
        batch_size=500,
    )


def _let_go(report: Report) -> None:
    """Rows of earlier reports are kept only for problems that are open: they are copies of what the lake holds."""
    held = Problem.objects.filter(resource=report.resource, closed_at=None).values("report")
    earlier = FailingRow.objects.filter(finding__report__resource=report.resource).exclude(finding__report=report)
    earlier.exclude(finding__report__in=held).delete()


def follow_up(looked: Looked, report: Report, *, by: Actor, at: datetime) -> None:
    """Raise what is new, verify what was corrected."""
    figures = {each.code: each for each in looked.figures if each.trait}
    problems = {
        row.rule: row for row in Problem.objects.select_for_update().filter(resource=report.resource, closed_at=None)
    }
    for rule, problem in problems.items():
        if rule in figures and figures[rule].judged:
            _verify(problem, figures[rule], report, at=at)
    policy = _book.policy()
    right = dict(
        Problem.objects.filter(resource=report.resource, outcome=DISMISSED)
        .order_by("closed_at")
        .values_list("rule", "rows_now")
    )
    for each in figures.values():
        # What was found to be right is not asked again, unless there is more of it.
        if each.code not in problems and each.failed >= policy.raise_from and each.failed > right.get(each.code, 0):
            _raise(looked, each, report, by=by, at=at)
    _let_go(report)


def _verify(problem: Problem, figure: Figure, report: Report, *, at: datetime) -> None:
    problem.rows_now = figure.failed
    problem.save(update_fields=["rows_now"])
    task = next((task for task in cases.tasks(problem.case_id) if task.status == TaskStatus.OPEN), None)
    if task is None:
        return
    if not figure.failed:
        grounds = f"第{report.snapshot}次汇聚的数据已无此问题。"
        engine.advance(case_id=problem.case_id, step=task.step, choice=VERIFIED, grounds=grounds, by=SYSTEM, at=at)
    elif task.step == VERIFY and report.snapshot > problem.report.snapshot:
        grounds = f"第{report.snapshot}次汇聚的数据仍有{figure.failed}行不符合“{problem.sentence}”。"
        problem.report = report
        problem.save(update_fields=["report"])
        engine.advance(case_id=problem.case_id, step=VERIFY, choice=STILL, grounds=grounds, by=SYSTEM, at=at)


def _raise(looked: Looked, figure: Figure, report: Report, *, by: Actor, at: datetime) -> None:
    entry, form = looked.resource, forms.get(FORM)
    answers = {
        "register": entry.title[:80], "item": figure.sentence[:80],
        "held": f"{figure.failed}行（共检查{figure.judged}行）", "words": f"规则 {figure.code}",
    }  # fmt: skip
    case = engine.open_case(
        kind=KIND,
        flow=_book.policy().flow,
        title=f"问题数据：{entry.title}—{figure.sentence}"[:200],
        org_id=entry.org_id,
        region_code=orgs.get(entry.org_id).region_code,
        applicant_id=None,
        subject="",
        data={"form": {"id": form.id, "hash": form.hash}, "answers": answers},
        limits={},
        by=SYSTEM,
        at=at,
    )
    Problem.objects.create(
        resource=entry.code,
        rule=figure.code,
        sentence=figure.sentence,
        org_id=entry.org_id,
        case_id=case.id,
        report=report,
        rows=figure.failed,
        rows_now=figure.failed,
        raised_at=at,
    )
