"""`yiwang verdicts`: what the system decided by rule, decided again under another version of the rule."""

import contextlib
from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from yiwang.site.cli import Stop
from yiwang.site.cli._django import records

if TYPE_CHECKING:
    from yiwang.kernel.rules.contracts import CompiledRule
    from yiwang.services.verdicts.contracts import Replayed

SHOWN_MAX = 50
_ANSWERS = {"met": "符合", "not-met": "不符合", "unknown": "不能确定"}
_COLUMNS = ("办件编号", "判断日期", "原规则版本", "当时由系统办结", "原结论", "新结论", "原因")


@click.group()
def command() -> None:
    """What the system decided by rule (秒批)."""


@command.command()
@click.argument("rule_id", metavar="RULE")
@click.option("--to", "version", type=click.IntRange(1, 9999), help="A version of the rule that is or was in force.")
@click.option(
    "--packs",
    "folder",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="A packs folder: the rule as it stands there, with its parameters.",
)
@click.option(
    "--csv", "out", type=click.Path(dir_okay=False, writable=True, path_type=Path), help="All changes, as CSV."
)
def replay(rule_id: str, version: int | None, folder: Path | None, out: Path | None) -> None:
    """Decide every past verdict of RULE again, by the facts known then, and say which would change and why. Writes nothing."""
    if (version is None) == (folder is None):
        raise Stop("请写 --to 版本 或 --packs 文件夹 之一。")
    with records():
        from django.utils import timezone

        from yiwang.kernel.packs import queries as packs
        from yiwang.kernel.rules import queries as rules
        from yiwang.services.verdicts import queries

        def rule_on(day: date) -> "CompiledRule":
            return rules.rule(rule_id, on=day, version=version)

        with packs.using(packs.read(folder)) if folder else contextlib.nullcontext():
            rule_on(timezone.localdate())  # a rule that is not there is told before anything is printed
            _print(queries.replay(rule_id, rule_on), out)


def _print(replayed: "Iterator[Replayed]", out: Path | None) -> None:
    from yiwang.kernel.base import tables

    tally: Counter[tuple[str, str]] = Counter()
    with contextlib.ExitStack() as stack:
        write = None
        if out is not None:
            write = tables.writer(stack.enter_context(out.open("w", encoding=tables.ENCODING, newline="")))
            write(_COLUMNS)
        for one in replayed:
            tally[one.before.value, one.after.value] += 1
            if not one.changes:
                continue
            row = _row(one)
            if write:
                write(row)
            if _changed(tally) <= SHOWN_MAX:
                click.echo(
                    f"{row[0]}（{row[1]}，第{row[2]}版{'，已由系统办结' if one.was_taken else ''}）{row[4]} → {row[5]}：{row[6]}"
                )
    if _changed(tally) > SHOWN_MAX:
        click.echo(f"…… 另有{_changed(tally) - SHOWN_MAX}件")
    click.echo(f"重新判断{sum(tally.values())}件，结论改变{_changed(tally)}件。")
    for (before, after), n in sorted(tally.items()):
        if before != after:
            click.echo(f"  {_ANSWERS[before]} → {_ANSWERS[after]}：{n}件")
    if out is not None:
        click.echo(f"已写入 {out}")


def _changed(tally: "Counter[tuple[str, str]]") -> int:
    return sum(n for (before, after), n in tally.items() if before != after)


def _row(one: "Replayed") -> tuple[str, ...]:
    return (
        one.case_number,
        one.on.isoformat(),
        str(one.version),
        "是" if one.was_taken else "否",
        _ANSWERS[one.before.value],
        _ANSWERS[one.after.value],
        "；".join(one.why),
    )
