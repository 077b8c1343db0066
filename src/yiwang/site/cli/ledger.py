"""`yiwang ledger`: number leaves, check everything, hand out a proof."""

import json
import signal
import threading
from pathlib import Path
from typing import IO, Any

import click

from yiwang.site.cli import Stop
from yiwang.site.cli._django import records


@click.group()
def command() -> None:
    """The tamper-evident ledger (存证): number, verify, prove."""


@command.command()
@click.option("--loop", is_flag=True, help="Go on until stopped; a checkpoint follows each change within a second.")
def sequence(*, loop: bool) -> None:
    """Number every committed leaf and sign a checkpoint."""
    with records():
        from yiwang.kernel.ledger import jobs

        if loop:
            jobs.run_sequencer(wait=_stopped().wait)
            return
        from django.utils import timezone

        from yiwang.kernel.base.contracts import SYSTEM
        from yiwang.kernel.ledger import actions

        click.echo(f"新编号{actions.sequence(by=SYSTEM, at=timezone.now())}条")


@command.command()
@click.option(
    "--anchor",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A checkpoint that was kept elsewhere: the ledger must still contain it.",
)
def verify(*, anchor: Path | None) -> None:
    """Recompute everything and name each row that was edited, removed or moved."""
    with records():
        from django.utils import timezone

        from yiwang.kernel.ledger import queries

        report = queries.verify(at=timezone.now(), anchor=anchor.read_text(encoding="utf-8") if anchor else None)
        for finding in report.findings:
            click.echo(f"{finding.fault}: {finding.where}: {finding.sentence}")
        if report.is_cut:
            click.echo("…… 还有更多")
        click.echo(
            f"存证{report.tree_size}条，检查点{report.checkpoints}个，待编号{report.waiting}条，"
            f"内容已依规定清除{report.erased}条；根 root {report.root or '不明'}"
        )
        if not report.is_sound:
            raise Stop("存证核对不通过。请保持数据库原样，与最近一次备份比对。")
        click.echo("完好 sound")


@command.command("rotate-key")
def rotate_key() -> None:
    """Sign from now on with a new key, and print its public form."""
    with records():
        from django.utils import timezone

        from yiwang.kernel.base.contracts import SYSTEM
        from yiwang.kernel.ledger import actions

        actions.sequence(by=SYSTEM, at=timezone.now())
        click.echo(actions.rotate_key(by=SYSTEM, at=timezone.now()))
        actions.sequence(by=SYSTEM, at=timezone.now())


@command.command()
@click.argument("leaf", type=int)
@click.option("--open", "opened", is_flag=True, help="With salt and content, for the person it concerns.")
def proof(*, leaf: int, opened: bool) -> None:
    """Print the inclusion proof of a leaf as JSON."""
    with records():
        from yiwang.kernel.ledger import queries

        found = queries.proof(leaf)
        if found is None:
            raise Stop(f"第{leaf}号存证还没有编号。请先运行 yiwang ledger sequence，再试一次。")
        answer: dict[str, Any] = found.as_json()
        opening = queries.content(leaf) if opened else None
        click.echo(json.dumps({**answer, "opening": opening.as_json()} if opening else answer, ensure_ascii=False))


@command.command()
@click.argument("old", type=click.IntRange(1))
@click.argument("new", type=click.IntRange(1), required=False)
def consistency(*, old: int, new: int | None) -> None:
    """Print as JSON that the checkpoint of NEW leaves (the newest) only adds to that of OLD."""
    with records():
        from yiwang.kernel.ledger import queries

        click.echo(json.dumps(queries.consistency(old, new).as_json(), ensure_ascii=False))


@command.command()
@click.argument("target", metavar="DEST", type=click.File("w", encoding="utf-8", lazy=False, atomic=True))
def export(*, target: IO[str]) -> None:
    """Write the whole ledger to DEST as JSON lines, for the offline checker; no content, envelopes only."""
    with records():
        from yiwang.kernel.ledger import queries

        for line in queries.bundle():
            target.write(line)


@command.command()
@click.argument("place", required=False)
def anchor(*, place: str | None) -> None:
    """Give the newest checkpoint to PLACE (a folder or an address; YIWANG_LEDGER_ANCHOR without it)."""
    with records():
        from django.conf import settings
        from django.utils import timezone

        from yiwang.kernel.base.contracts import SYSTEM
        from yiwang.kernel.ledger import actions

        chosen = place or settings.YIWANG_LEDGER_ANCHOR
        if not chosen:
            raise Stop("没有写存放处。请写文件夹或网址，或设 YIWANG_LEDGER_ANCHOR。")
        head = actions.anchor(place=chosen, by=SYSTEM, at=timezone.now())
        click.echo(f"{head.tree_size}条的检查点已存到 {chosen}" if head else "还没有编号的存证")


def _stopped() -> threading.Event:
    """Set by Ctrl-C or SIGTERM, so that a batch under way is finished first."""
    event = threading.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: event.set())
    return event
