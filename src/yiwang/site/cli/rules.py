"""`yiwang rules`: list the rules of the packs folder and explain what one comes to; needs no database."""

import contextlib
import json
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from yiwang.site import paths

if TYPE_CHECKING:
    from yiwang.kernel.rules.contracts import CompiledRule, Decision

_ROOT = click.option(
    "--root",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    default=paths.ROOT / "packs",
    help="The packs folder.",
)
_MARKS = {"met": "✓", "not-met": "✗", "unknown": "?"}
_ANSWERS = {"met": "符合", "not-met": "不符合", "unknown": "还不能确定"}


@click.group()
def command() -> None:
    """List rules (规则) and explain what they come to."""


@command.command(name="list")
@_ROOT
def list_(root: Path) -> None:
    """Print kind, id, version and title of every rule and decision table."""
    with _packs(root):
        from yiwang.kernel.rules import queries

        found = [f"{pack.kind}\t{pack.reference}\t{pack.title}" for pack in queries.all_rules()]
    click.echo("\n".join(found) if found else "配置包里还没有规则。")


@command.command()
@click.argument("rule_id", metavar="RULE")
@click.option("--facts", default="{}", help="JSON: {fact: value}; a value left out is unknown.")
@click.option("--on", type=click.DateTime(["%Y-%m-%d"]), help="The day it is decided on; today by default.")
@_ROOT
def explain(rule_id: str, facts: str, on: datetime | None, root: Path) -> None:
    """Say for each condition of RULE whether it held, failed or lacks facts, with their values and the law behind it."""
    given = _read(facts)
    with _packs(root):
        from django.utils import timezone

        from yiwang.kernel.rules import queries

        rule = queries.rule(rule_id, on=on.date() if on else timezone.localdate())
        unknown = sorted(set(given) - set(rule.fact_names) - {"as_of"})
        if unknown:
            raise click.ClickException(f"规则没有事实“{unknown[0]}”。可用的有：{'、'.join(rule.fact_names)}。")
        for line in _explained(rule, rule.decide(given), rule.values(given)):
            click.echo(line)


def _read(facts: str) -> dict[str, Any]:
    try:
        given = json.loads(facts)
    except ValueError as error:
        raise click.ClickException(f"--facts 不是 JSON（{error}）。请写如 '{{\"employees\": 10}}'。") from None
    if not isinstance(given, dict):
        raise click.ClickException("--facts 要是 {事实: 值}。")
    return given


def _explained(rule: "CompiledRule", decision: "Decision", values: dict[str, Any]) -> Iterator[str]:
    yield f"{rule.title}（{rule.id}@{rule.version}，按 {rule.on}）：{_ANSWERS[decision.answer]}"
    for parameter in rule.parameters:
        yield f"  {parameter.title} {parameter.value}{parameter.unit}（{parameter.since} 起，{parameter.source.title}{parameter.source.document_no}）"
    for reason in decision.reasons:
        basis = (
            f"  依据：{reason.basis.title}{f'第{reason.basis.article}条' if reason.basis.article else ''}"
            if reason.basis
            else ""
        )
        yield f"  {_MARKS[reason.answer]} {reason.code} {reason.sentence}{basis}"
        yield "      " + "，".join(
            f"{rule.fact(name).title} {name}={_shown(values[name])}" for name in rule.named_by(reason.code)
        )
        if reason.missing:
            yield f"      缺：{'、'.join(str(rule.fact(name).title) for name in reason.missing)}"
    titles = {output.name: output for output in rule.outputs}
    for name, value in decision.outputs.items():
        yield f"  → {titles[name].title} {_shown(value)}{titles[name].unit if value is not None else ''}"


def _shown(value: object) -> str:
    if value is None:
        return "未知"
    if isinstance(value, bool):
        return "是" if value else "否"
    return value.isoformat() if isinstance(value, date) else str(value)


@contextlib.contextmanager
def _packs(root: Path) -> Iterator[None]:
    import django

    django.setup()
    from yiwang.kernel.packs import queries

    with queries.using(root):
        yield
