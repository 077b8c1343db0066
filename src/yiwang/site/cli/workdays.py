"""`yiwang workdays`: reckon with work days, take in the yearly notice, recompute what runs; only the last needs the database."""

import contextlib
import sys
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

import click

from yiwang.site import paths
from yiwang.site.cli._django import records

_UNITS = ("workday", "day", "workhour", "hour")
_ROOT = click.option(
    "--root",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    default=paths.ROOT / "packs",
    help="The packs folder.",
)


@click.group()
def command() -> None:
    """Reckon with work days (工作日), and take in the yearly notice (放假安排)."""


@command.command()
@click.argument("start", type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M"]), metavar="START")
@click.argument("n", type=click.IntRange(0, 3660), metavar="N")
@click.option("--unit", type=click.Choice(_UNITS), default="workday", show_default=True)
@_ROOT
def due(start: datetime, n: int, unit: str, root: Path) -> None:
    """When a limit of N work days that starts on START ends, and whether the calendar of that year is published."""
    with _packs(root):
        from yiwang.kernel.workdays import queries
        from yiwang.kernel.workdays.contracts import LEGAL_TIME, Limit, Unit

        ends = queries.due(start.replace(tzinfo=LEGAL_TIME), Limit(n, Unit(unit)))
        latest = max(queries.published_years())
    day = f"{ends.at:%Y-%m-%dT%H:%M}" if unit in {"workhour", "hour"} else str(ends.on)
    state = f"provisional 暂定：{latest + 1}年及以后的放假安排尚未公布" if ends.is_provisional else "published 已公布"
    click.echo(f"{day} {state}")


@command.command()
@click.option("--year", type=click.IntRange(1951, 2099), required=True)
@click.option("--days", type=click.IntRange(0, 3660), required=True, help="The limit, in work days.")
@_ROOT
def table(year: int, days: int, root: Path) -> None:
    """Print `start due` for every day of YEAR."""
    with _packs(root):
        from yiwang.kernel.workdays import queries
        from yiwang.kernel.workdays.contracts import Limit, Unit

        limit, start = Limit(days, Unit.WORKDAY), date(year, 1, 1)
        while start.year == year:
            click.echo(f"{start} {queries.due(start, limit).on}")
            start += timedelta(1)


@command.command(name="import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--place", help="The place whose packs take it in; by default the lowest one.")
@_ROOT
def import_(file: Path, place: str | None, root: Path) -> None:
    """Take in a yearly notice: FILE becomes a pack of the place (packs/PLACE/calendar/YEAR.yaml), once it is found right.

    Put it into force with `yiwang packs load`. A lower place's notice for a year wins over that of a place above it.
    """
    with _packs(root):
        from yiwang.kernel.packs import queries

        chosen = place or queries.current().place
        folder = root / chosen
        if not (folder / "place.yaml").is_file():
            raise click.ClickException(f"没有地方“{chosen}”的配置包目录。请用 --place 写明，如 --place national。")
        target = _taken_in(file, folder)
    click.echo(f"已写入 {target}。请运行 yiwang packs load 使其生效；在办件的期限随后自动重算。")


@command.command()
@click.option("--resume", is_flag=True, help="Go on with the run that was broken off.")
@click.option("--list", "listed", type=int, metavar="RUN", help="Print what a run changed; 0 lists the runs.")
@click.option("--csv", "as_csv", is_flag=True, help="With --list: as CSV.")
def recompute(*, resume: bool, listed: int | None, as_csv: bool) -> None:
    """Reckon all running limits anew by the calendar in force; a run that was killed goes on with --resume.

    Loading a new notice (`yiwang packs load`) starts a run by itself.
    """
    with records():
        if listed is not None:
            _list(listed, as_csv=as_csv)
            return
        from django.utils import timezone

        from yiwang.kernel.base.contracts import SYSTEM
        from yiwang.kernel.cases import actions, jobs

        at = timezone.now()
        run = (
            actions.resume_redating(by=SYSTEM, at=at) if resume else actions.begin_redating(release=0, by=SYSTEM, at=at)
        )
        run = jobs.redate_all(run, told=lambda now: click.echo(f"  已看 {now.seen} 个期限", err=True))
    click.echo(f"第 {run.id} 次重算：看了 {run.seen} 个期限，{run.moved} 个改期，{run.firmed} 个不再是暂定。")


def _list(run_id: int, *, as_csv: bool) -> None:
    from yiwang.kernel.base import tables
    from yiwang.kernel.base.contracts import SYSTEM
    from yiwang.kernel.cases import queries
    from yiwang.kernel.cases.contracts import RedatedView
    from yiwang.kernel.workdays.contracts import LEGAL_TIME

    if not run_id:
        for run in queries.redatings(size=50).items:
            state = "进行中" if run.is_open else "被后一次取代" if run.is_superseded else "完成"
            begun = f"{run.started_at.astimezone(LEGAL_TIME):%Y-%m-%d %H:%M}"
            click.echo(f"{run.id} {begun} {state}：看过{run.seen}个期限，改期{run.moved}个，不再暂定{run.firmed}个")
        return
    queries.redating(run_id)
    write = tables.writer(sys.stdout) if as_csv else lambda row: click.echo(" ".join(row))
    write(RedatedView.COLUMNS)
    cursor: str | None = None
    while True:
        page = queries.redated(run_id, SYSTEM, cursor, size=200)
        for line in page.items:
            write(line.row)
        cursor = page.next_cursor
        if cursor is None:
            return


@contextlib.contextmanager
def _packs(root: Path) -> Iterator[None]:
    import django

    django.setup()
    from yiwang.kernel.packs import queries

    with queries.using(root):
        yield


def _taken_in(file: Path, folder: Path) -> Path:
    """The notice in its place among the packs; taken out again when it, or anything with it, is wrong."""
    from yiwang.kernel.packs import queries
    from yiwang.kernel.packs.contracts import Pack
    from yiwang.kernel.workdays.kinds import CALENDAR_YEAR, CalendarYearPack

    draft = folder / "calendar" / f"import-{file.stem}.yaml"
    draft.parent.mkdir(exist_ok=True)
    draft.write_bytes(file.read_bytes())
    try:
        problems = queries.check(folder.parent)
        if problems:
            raise click.ClickException("\n".join(map(str, problems)))
        new: list[Pack] = [
            pack
            for pack in queries.read(folder.parent, folder.name, alone=True)
            if pack.path.endswith(f"{folder.name}/calendar/{draft.name}")
        ]
        if [pack.kind for pack in new] != [CALENDAR_YEAR]:
            raise click.ClickException(f"{file} 里应有且只有一份 {CALENDAR_YEAR}。见 docs/how-to/write-a-pack.md。")
        year = new[0].as_type(CalendarYearPack).year
    except BaseException:
        draft.unlink()
        raise
    return draft.replace(draft.with_name(f"{year}.yaml"))
