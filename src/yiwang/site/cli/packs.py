"""`yiwang packs`: check packs, say what they would change, put them into force."""

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from yiwang.site import paths
from yiwang.site.cli._django import records

if TYPE_CHECKING:
    from yiwang.kernel.packs.contracts import Change

_ROOT = click.argument(
    "root", type=click.Path(exists=True, file_okay=False, path_type=Path), default=paths.ROOT / "packs"
)


@click.group()
def command() -> None:
    """Check, compare and load packs (配置包)."""


@command.command()
@_ROOT
def check(root: Path) -> None:
    """List everything that is wrong with the packs under ROOT; needs no database."""
    import django

    django.setup()
    from yiwang.kernel.packs import queries

    problems = queries.check(root)
    for problem in problems:
        click.echo(str(problem))
    if problems:
        click.echo(f"共 {len(problems)} 处要改。", err=True)
        sys.exit(1)
    click.echo("配置包没有问题。")


@command.command()
@_ROOT
@click.option("--releases", type=(int, int), help="Compare two releases instead: the earlier and the later number.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document, for programs.")
def diff(root: Path, *, releases: tuple[int, int] | None, as_json: bool) -> None:
    """Say in plain words what loading ROOT would change, or what changed between two releases."""
    with records():
        from yiwang.kernel.packs import queries

        changes = queries.diff_releases(*releases) if releases else queries.diff(root)
    if as_json:
        named = {"from": releases[0], "to": releases[1]} if releases else {"to": str(root)}
        click.echo(json.dumps({**named, "changes": [_as_json(each) for each in changes]}, ensure_ascii=False, indent=2))
        return
    for change in changes:
        click.echo(str(change))
    same = "两版一致。" if releases else "与在用的一致。"
    click.echo(f"共 {len(changes)} 个包有变化。" if changes else same)


def _as_json(change: "Change") -> dict[str, object]:
    return {**asdict(change), "sentences": list(change.sentences)}


@command.command()
@_ROOT
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    default=paths.HOME / "build" / "packs",
    help="The folder to write to; var/build/packs without it.",
)
@click.option("--place", help="The place whose manual is written, with those below it; YIWANG_PLACE without it.")
def build(root: Path, *, out: Path, place: str | None) -> None:
    """Write JSON Schemas for editors and the manual of ROOT's matters, forms and flows; needs no database."""
    import django

    django.setup()
    from yiwang.kernel.packs import queries

    count = 0
    for sheet in queries.build(queries.read(root, place)):
        target = out / sheet.path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(sheet.text, encoding="utf-8")
        count += 1
    click.echo(f"已写入 {out}，共 {count} 个文件。从 manual 目录里的 index.md 看起。")


@command.command()
@_ROOT
@click.option("--json", "as_json", is_flag=True, help="One JSON document, for programs.")
@click.option("--place", help="The place whose packs are looked at; YIWANG_PLACE without it.")
def asked(root: Path, *, as_json: bool, place: str | None) -> None:
    """List every element and material asked anywhere, who holds it, and what is saved; needs no database."""
    import django

    django.setup()
    from yiwang.kernel.forms import queries as forms
    from yiwang.kernel.packs import queries

    found = forms.ask_report(queries.read(root, place))
    if as_json:
        click.echo(json.dumps(asdict(found), ensure_ascii=False, indent=2))
        return
    for row in found.rows:
        state = f"已知（{row.source}）" if row.is_known else f"要填（{row.why}）"
        click.echo(f"{row.pack_title}\t{row.title}\t{row.element}\t{state}")
    for saved in found.savings:
        click.echo(
            f"{saved.title}：{saved.fields}个填写项免{saved.fields_known}个，{saved.materials}份材料免{saved.materials_known}份。"
        )


@command.command()
@_ROOT
def load(root: Path) -> None:
    """Put the packs under ROOT into force; loading the same again changes nothing."""
    with records():
        from django.utils import timezone

        from yiwang.kernel.base.contracts import SYSTEM
        from yiwang.kernel.packs import actions

        report = actions.load(root, by=SYSTEM, at=timezone.now())
    done = f"已装载为第 {report.release} 版" if report.is_new else f"与第 {report.release} 版一致，没有变化"
    click.echo(f"{done}，共 {report.packs} 个包，{len(report.changes)} 个有变化。")
