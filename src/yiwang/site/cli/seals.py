"""`yiwang seals`: the place's certification authority and its electronic seals."""

import click

from yiwang.site.cli._django import records


@click.group()
def command() -> None:
    """Certification authority (证书机构) and electronic seals (印章)."""


@command.command()
@click.option("--found", is_flag=True, help="Found it: roots, issuing certificates, the maker of seals.")
def authority(*, found: bool) -> None:
    """Show the certificates of the place's authority, or found it."""
    with records():
        from django.utils import timezone

        from yiwang.kernel.base.contracts import SYSTEM
        from yiwang.support.seals import actions, queries

        if found:
            actions.found_authority(by=SYSTEM, at=timezone.now())
        rows = queries.authority()
        if not rows:
            click.echo("还没有证书机构。yiwang seals authority --found 建立。")
        for row in rows:
            click.echo(
                f"{row.serial}  {row.role.word:6}  {row.status.word}  至 {row.not_after:%Y-%m-%d}  {row.subject}"
            )


@command.command()
@click.option("--out", type=click.Path(file_okay=False, writable=True), help="Folder to write the lists into (DER).")
def crl(*, out: str | None) -> None:
    """Publish the revocation lists (吊销列表) anew, and write them out."""
    with records():
        from pathlib import Path

        from django.utils import timezone

        from yiwang.kernel.base.contracts import SYSTEM
        from yiwang.support.seals import actions, queries
        from yiwang.support.seals.contracts import Role

        count = actions.publish_lists(by=SYSTEM, at=timezone.now())
        click.echo(f"已发布 {count} 份吊销列表。")
        for row in queries.authority() if out else ():
            if row.role is not Role.MAKER:
                Path(str(out)).mkdir(parents=True, exist_ok=True)
                Path(str(out), f"{row.serial}.crl").write_bytes(queries.revocation_list(row.serial))


@command.command()
@click.argument("uscc")
@click.option("--kind", default="licence", show_default=True, help="Kind of seal, as the pack SealPolicy has it.")
@click.option("--grounds", required=True, help="Why (理由).")
@click.option("--picture", type=click.Path(exists=True, dir_okay=False), help="A PNG; drawn without one.")
def make(*, uscc: str, kind: str, grounds: str, picture: str | None) -> None:
    """Make a seal for the organisation with this credit code, at once: the operator stands for both persons."""
    with records():
        from pathlib import Path

        from django.utils import timezone

        from yiwang.kernel.base.contracts import SYSTEM
        from yiwang.kernel.orgs import queries as orgs
        from yiwang.support.seals import actions

        org = orgs.by_uscc(uscc)
        png = Path(picture).read_bytes() if picture else None
        made = actions.make_seal(
            org_id=org.id, kind=kind, name=org.name, grounds=grounds, picture=png, by=SYSTEM, at=timezone.now()
        )
        click.echo(f"{made.es_id}  {made.kind_title}  {made.name}")


@command.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False))
def verify(*, file: str) -> None:
    """Check a sealed OFD or PDF FILE; exit code 1 where it is not valid."""
    with records():
        from pathlib import Path

        from yiwang.support.seals import queries

        report = queries.verify(Path(file).read_bytes())
    for check in report.checks:
        click.echo(f"{'✓' if check.passed else '✗'} {check.title}：{check.said}")
    click.echo("有效" if report.is_valid else "无效")
    raise SystemExit(0 if report.is_valid else 1)
