"""`yiwang demo play`: a working day of the demo place, as fast as one likes."""

import contextlib
import time
from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from datetime import time as clock

import click

from yiwang.site.cli._django import records

TURN_MINUTES = 10
PAST_HOURS = (9, 11, 14, 16)
SEED = 20261121


@click.group()
def command() -> None:
    """Play the demo place."""


@command.command()
@click.option(
    "--speed", default=60.0, show_default=True, type=click.FloatRange(1, 3600), help="Played minutes a minute."
)
@click.option("--hours", default=8.0, show_default=True, type=click.FloatRange(0, 240), help="Played hours.")
@click.option("--once", is_flag=True, help="One turn only.")
@click.option(
    "--past", default=0, type=click.IntRange(0, 250), help="First play so many past work days, at their times."
)
@click.option("--outside", is_flag=True, help="Answer for the outside systems too, if `yiwang up` does not run them.")
@click.option("--seed", default=SEED, show_default=True, help="The same seed and moments make the same day.")
def play(*, speed: float, hours: float, once: bool, past: int, outside: bool, seed: int) -> None:
    """Play a working day: people file, correct, urge, withdraw and rate; clerks handle. Ctrl-C stops it at any moment.

    Deeds are written at the moment at which they are done; faster means more of them in a minute.
    """
    with records(), contextlib.suppress(KeyboardInterrupt):
        if past:
            play_past(past, seed)
        turns = 1 if once else round(hours * 60 / TURN_MINUTES)
        _play_now(turns, TURN_MINUTES * 60 / speed, seed, outside=outside)
    click.echo("yiwang: stopped playing 演示结束")


def play_past(days: int, seed: int) -> None:
    """The last work days before today, each in a few turns; goes on after the last day that was played."""
    from django.utils import timezone

    from yiwang.demo.place import actions
    from yiwang.kernel.base.contracts import SYSTEM

    moments = _past(days)
    played = actions.play(
        moments=moments,
        turns_a_day=len(PAST_HOURS),
        seed=seed,
        answers_outside=True,
        sweeps=True,
        goes_on=True,
        by=SYSTEM,
        at=timezone.now(),
        tell=_tell,
    )
    _sum_up(played.done, played.refused)


def _play_now(turns: int, seconds: float, seed: int, *, outside: bool) -> None:
    from django.utils import timezone

    from yiwang.demo.place import actions
    from yiwang.kernel.base.contracts import SYSTEM

    def moments() -> Iterator[datetime]:
        for n in range(turns):
            if n:
                time.sleep(seconds)
            yield timezone.now()

    played = actions.play(
        moments=moments(),
        turns_a_day=8 * 60 / TURN_MINUTES,
        seed=seed,
        answers_outside=outside,
        by=SYSTEM,
        at=timezone.now(),
        tell=_tell,
    )
    _sum_up(played.done, played.refused)


def _past(days: int) -> list[datetime]:
    from django.utils import timezone

    from yiwang.kernel.workdays import queries as workdays

    found: list[date] = []
    day = timezone.localdate()
    while len(found) < days:
        day -= timedelta(days=1)
        if workdays.is_workday(day):
            found.append(day)
    zone = timezone.get_current_timezone()
    return [datetime.combine(day, clock(hour), zone) for day in reversed(found) for hour in PAST_HOURS]


def _tell(moment: datetime, done: Mapping[str, int]) -> None:
    from django.utils import timezone

    deeds = "、".join(f"{what}{n}" for what, n in done.items()) or "无事"
    click.echo(f"· {timezone.localtime(moment):%m-%d %H:%M} {deeds}", err=True)


def _sum_up(done: Mapping[str, int], refused: Mapping[str, int]) -> None:
    click.echo(f"yiwang: {sum(done.values()):,} deeds 件事，{sum(refused.values()):,} refused 未成", err=True)
    for why, n in sorted(refused.items(), key=lambda each: -each[1])[:5]:
        click.echo(f"  {n} × {why}", err=True)
