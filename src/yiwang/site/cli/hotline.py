"""`yiwang hotline`: train what suggests categories, take in an earlier platform's messages, gather hot topics."""

from datetime import datetime, timedelta
from pathlib import Path

import click

from yiwang.site.cli import Stop
from yiwang.site.cli._django import records

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
def command() -> None:
    """The hotline (12345): train suggestions, import messages, gather hot topics."""


@command.command()
@click.argument("file", required=False, type=_FILE)
@click.option("--from-tickets", is_flag=True, help="Learn from the place's own closed tickets instead of a file.")
@click.option(
    "--level",
    default=1,
    show_default=True,
    type=click.IntRange(1, 3),
    help="Level of the category, with --from-tickets.",
)
@click.option(
    "--to",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the model there instead of putting it in force.",
)
def train(*, file: Path | None, from_tickets: bool, level: int, to: Path | None) -> None:
    """Train from FILE (CSV: text or cut words, and a label) and say what the model is worth on messages it never saw."""
    if (file is None) == (not from_tickets):
        raise click.UsageError("name a FILE or --from-tickets, one of the two")
    if to and to.suffix != ".npz":
        raise click.UsageError("--to must end in .npz")
    with records():
        from django.utils import timezone

        from yiwang.kernel.base.contracts import SYSTEM
        from yiwang.services.hotline import actions, queries

        at = timezone.now()
        messages = queries.labelled(file) if file else actions.of_tickets(level=level, by=SYSTEM, at=at)
        done = actions.train(messages=messages, source=file.name if file else "tickets", to=to, by=SYSTEM, at=at)
    worth = done.worth
    click.echo(
        f"学习 {done.learned} 条，调整把握 {done.adjusted} 条，评判 {done.judged} 条；"
        f"分层抽取（种子 {done.seed}），同一内容只在一边。"
    )
    for label, f1 in worth.f1.items():
        click.echo(f"  {label}\tF1 {f1:.4f}")
    click.echo(
        f"一级分类 macro-F1 {worth.macro_f1:.4f}，准确率 {worth.accuracy:.4f}，校准误差 {worth.calibration_error:.4f}"
    )
    click.echo(
        f"给出建议的占 {worth.shown:.1%}，其中正确 {worth.shown_right:.1%}；每秒 {worth.messages_per_second:,} 条（含切分）"
    )
    if done.left_out:
        click.echo("条数太少未学：" + "、".join(f"{label}{n}条" for label, n in done.left_out.items()))
    if done.unplaced:
        click.echo(
            f"本地分类树里没有：{'、'.join(done.unplaced)}。遇到它们不给建议；请把这些名称写进对应一级分类（TicketCategory）的 words。"
        )
    click.echo(f"模型 {done.path}，sha256 {done.digest}")


@command.command(name="import")
@click.argument("files", nargs=-1, required=True, type=_FILE)
@click.option("--source", default="", help="Name of the platform they come from; the file's name if not given.")
@click.option("--region", default="", help="Region code (12 digits) of all of them; the hotline's own if not given.")
def import_(*, files: tuple[Path, ...], source: str, region: str) -> None:
    """Turn messages of an earlier platform (CSV) into closed tickets of their own time. Safe to repeat."""
    with records():
        from django.utils import timezone

        from yiwang.kernel.base.contracts import SYSTEM
        from yiwang.services.hotline import actions

        report = actions.import_files(
            paths=files,
            source=source,
            region_code=region,
            by=SYSTEM,
            at=timezone.now(),
            tell=lambda sentence: click.echo(f"· {sentence}", err=True),
        )
    for problem in report.problems:
        click.echo(f"{problem.file}:{problem.line}: {problem.sentence}")
    click.echo(f"读入 {report.read} 行：新建 {report.created}，已有 {report.known}，有问题 {len(report.problems)}。")
    if not report.is_reconciled:
        raise Stop("行数对不上，请把文件和这条输出交给开发者。")


@command.command()
@click.option(
    "--until",
    type=click.DateTime(["%Y-%m-%d"]),
    help="Gather the months before the end of this day, for messages that were imported. The next night gathers today's.",
)
def topics(*, until: datetime | None) -> None:
    """Gather the messages of the last months into hot topics now (the job worker does it every night)."""
    with records():
        from django.utils import timezone

        from yiwang.kernel.base.contracts import SYSTEM
        from yiwang.kernel.workdays.contracts import LEGAL_TIME
        from yiwang.services.hotline import actions

        ends = (until + timedelta(days=1)).replace(tzinfo=LEGAL_TIME) if until else timezone.now()
        run = actions.find_topics(by=SYSTEM, at=ends)
    click.echo(
        f"看了 {run.tickets:,} 件（新签 {run.signed:,}），归出 {run.topics} 个热点，其中 {run.rising} 个在上升；用时 {run.took_ms / 1000:.1f} 秒。"
    )
