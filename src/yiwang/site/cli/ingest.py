"""`yiwang ingest`: take departments' files into the lake, see how batches went and what was set aside."""

import csv
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from yiwang.site.cli._django import records

if TYPE_CHECKING:
    from yiwang.data.ingest.contracts import BatchView
    from yiwang.data.scans.contracts import BatchView as ScanBatchView

_NAME = re.compile(r"[a-z][a-z0-9_]{0,59}")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@click.group()
def command() -> None:
    """Take departments' files into the lake (汇聚)."""


@command.command()
@click.argument("source")
@click.option(
    "--from",
    "path",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Another file than the drop folder's.",
)
def run(source: str, path: Path | None) -> None:
    """Take in what SOURCE delivered; the same content again changes nothing, an interrupted run goes on."""
    with records():
        from django.utils import timezone

        from yiwang.data.ingest import actions
        from yiwang.kernel.base.contracts import SYSTEM

        _show(actions.run(source_id=source, path=path, by=SYSTEM, at=timezone.now()))


@command.command()
@click.argument("source")
def fetch(source: str) -> None:
    """Ask SOURCE for its rows, or for those that are new, and take them in."""
    with records():
        from django.utils import timezone

        from yiwang.data.ingest import actions
        from yiwang.kernel.base.contracts import SYSTEM

        batch = actions.fetch(source_id=source, by=SYSTEM, at=timezone.now())
        click.echo("没有新的行。") if batch is None else _show(batch)


@command.command()
@click.argument("source")
@click.option("--anew", is_flag=True, help="Begin again with the whole table.")
@click.option("--stop", is_flag=True, help="Have the source keep no changes for us any more.")
def follow(source: str, *, anew: bool, stop: bool) -> None:
    """Take in all that has changed in the table of SOURCE, batch by batch, and tell how much of its log is left."""
    with records():
        from django.utils import timezone

        from yiwang.data.ingest import actions, queries
        from yiwang.kernel.base.contracts import SYSTEM

        if anew or stop:
            actions.stop_following(source_id=source, by=SYSTEM, at=timezone.now())
        while not stop and (batch := actions.follow(source_id=source, by=SYSTEM, at=timezone.now())):
            _show(batch)
            if batch.state != "taken":
                return
        feed = queries.feeds([source]).get(source)
        click.echo(f"已到 {feed.position}，源库还有 {feed.behind} 字节日志。" if feed else "源库不再为我们留着变化。")


@command.command()
@click.argument("name")
@click.option("--header", default="Authorization", show_default=True, help="The header in which the key is sent.")
@click.option(
    "--address", prompt="地址 Address", help="https://…, postgresql://user:password@host/database or mysql://…"
)
@click.password_option("--key", prompt="密钥 Key", confirmation_prompt=False, default="", help="Left empty for none.")
def connect(name: str, header: str, address: str, key: str) -> None:
    """Write down where the connection NAME leads, and its key; kept in a file that only its owner reads."""
    if not _NAME.fullmatch(name):
        raise click.BadParameter("lower case letters, digits and _ only", param_hint="NAME")
    with records():
        from django.utils import timezone

        from yiwang.data.ingest import actions
        from yiwang.kernel.base.contracts import SYSTEM

        where = {"address": address.strip(), "key": key.strip(), "header": header.strip()}
        click.echo(actions.connect(name=name, **where, by=SYSTEM, at=timezone.now()))


@command.command()
@click.argument("folder", required=False, type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--form", help="What kind of paper it is (--list names them).")
@click.option("--list", "is_list", is_flag=True, help="List the forms.")
@click.option(
    "--read/--wait",
    "is_read",
    default=True,
    show_default=True,
    help="Read the pictures now, or leave that to the jobs.",
)
def scan(folder: Path | None, *, form: str | None, is_list: bool, is_read: bool) -> None:
    """Hand in the pictures of FOLDER (PNG, JPEG, TIFF, PDF) as one batch of scans, and read them; needs the extra `ocr` to be read."""
    with records():
        from django.utils import timezone

        from yiwang.data.scans import actions, queries
        from yiwang.data.scans.contracts import INSTALL
        from yiwang.kernel.base.contracts import SYSTEM

        if is_list or folder is None or form is None:
            for each in queries.forms():
                click.echo(f"{each.id}\t{each.title}\t→ {each.resource}")
            return
        batch = actions.hand_in_folder(form_id=form, folder=folder, by=SYSTEM, at=timezone.now())
        if is_read and not queries.can_read():
            click.echo(f"没有安装文字识别组件，图片在等着。{INSTALL}")
        while is_read and queries.can_read() and actions.read(batch_id=batch.id, most=20, by=SYSTEM, at=timezone.now()):
            click.echo(_scanned(queries.batch(batch.id)))
        click.echo(_scanned(queries.batch(batch.id)))


@command.command(name="list")
def list_() -> None:
    """List sources and the newest batches."""
    with records():
        from yiwang.data.ingest import queries

        sources, batches = queries.sources(), queries.batches()
    for each in sources:
        click.echo(f"{each.id}\t{each.title}\t{each.format}\t→ {each.resource}\t{each.columns}列")
    for batch in batches.items:
        click.echo(_line(batch))


@command.command()
@click.argument("batch", type=int)
@click.option("--go-on/--refuse", default=True, help="Let a held batch go on, or refuse it.")
def decide(batch: int, go_on: bool) -> None:
    """Say whether a held BATCH may go on, and take it in if so."""
    with records():
        from django.utils import timezone

        from yiwang.data.ingest import actions
        from yiwang.kernel.base.contracts import SYSTEM

        done = actions.decide(batch_id=batch, go_on=go_on, by=SYSTEM, at=timezone.now())
        _show(actions.resume(batch_id=batch, by=SYSTEM, at=timezone.now()) if go_on else done)


@command.command()
@click.argument("batch", type=int)
def quarantine(batch: int) -> None:
    """Print as CSV every row of BATCH that was set aside, with line, reason and content. Nothing is masked."""
    with records():
        from yiwang.data.ingest import queries

        writer = csv.writer(sys.stdout, lineterminator="\n")
        writer.writerow(["环节", "行", "列", "类别", "原因", "内容"])
        for row in queries.set_aside(batch):
            # A spreadsheet would run what begins like a formula.
            writer.writerow(
                [f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell for cell in row]
            )


def _show(batch: "BatchView") -> None:
    click.echo(_line(batch))
    drift = batch.drift
    for words, there in (("新增列", drift.new), ("缺列", drift.missing)):
        if there:
            click.echo(f"  {words}：{'、'.join(there)}")
    for name, now in (*drift.renamed.items(), *drift.retyped.items()):
        click.echo(f"  {name}：现为 {now}")
    for reason, count in batch.reasons.items():
        click.echo(f"  {count} 行 {reason}")
    if batch.words:
        click.echo(f"  {batch.words}")


def _scanned(batch: "ScanBatchView") -> str:
    stands = " + ".join(f"{stand.label} {count}" for stand, count in batch.lines)
    return f"扫描件第{batch.id}批 {batch.form_title}：交来 {batch.pages}页 = {stands}；入库 {batch.rows}行"


def _line(batch: "BatchView") -> str:
    return (
        f"第{batch.id}批 {batch.source_id} {batch.state.label}：读 {batch.read} = 入库 {batch.taken} + 隔离 {batch.quarantined} + 重复 {batch.duplicate}"
        f"；标准层 {batch.standard}，不合格 {batch.unfit}"
    )
