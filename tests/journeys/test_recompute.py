"""A year's notice comes while 100,000 limits run; the process that recomputes them is killed on the way."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.db import connection, connections

from tests.world import World
from yiwang.kernel.base.contracts import SYSTEM
from yiwang.kernel.cases import actions, queries
from yiwang.kernel.cases.models import Case, Clock, Redating
from yiwang.kernel.workdays.contracts import Limit
from yiwang.site import paths

RUNNING = 100_000
NOTICE_2027 = """
kind: CalendarYear
id: calendar.2027
title: 2027年放假安排（试验用）
year: 2027
holidays:
  - {name: 元旦, from: 2027-01-01, to: 2027-01-03}
  - {name: 春节, from: 2027-02-05, to: 2027-02-14}
makeup_days: [2027-01-30]
"""


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_hundred_thousand_limits_survive_a_kill(world: World, tmp_path: Path) -> None:
    case = _accepted(world)
    per_case = Clock.objects.filter(case=case, stopped_at=None).count()
    copies = RUNNING // per_case - 1
    _multiply(case, copies)
    folder = tmp_path / "packs"
    shutil.copytree(paths.ROOT / "packs", folder)
    (folder / "national" / "calendar" / "2027.yaml").write_text(NOTICE_2027, encoding="utf-8")

    killed = _process(folder)
    assert killed.stdout is not None
    while int(killed.stdout.readline()) < RUNNING // 4:
        pass
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    (run,) = queries.redatings().items
    assert run.is_open
    assert RUNNING // 4 <= run.seen < RUNNING

    begun = time.monotonic()
    assert _process(folder, "resume").wait(600) == 0
    seconds = time.monotonic() - begun
    rate = (RUNNING - run.seen) / seconds
    (done,) = queries.redatings().items
    running = per_case * (copies + 1)
    assert (done.id, done.is_open, done.seen, done.firmed) == (run.id, False, running, running)
    assert (
        Redating.objects.filter(run=done.id).count() == Redating.objects.values("clock").distinct().count() == running
    )
    assert len({clock.due_at for clock in Clock.objects.filter(name="statutory")}) == 1
    assert not Clock.objects.filter(is_provisional=True).exists()
    sys.stderr.write(
        f"\nrecomputed {running} limits, {rate:.0f} a second with start-up ({seconds:.0f} s for the rest)\n"
    )
    assert rate > 300


def _accepted(world: World) -> Case:
    opened = actions.open_case(
        kind="application",
        flow="standard.permit",
        title="测试许可",
        org_id=world.org("health").id,
        region_code="990102000000",
        applicant_id=world.mother.id,
        subject="陈晓岚",
        data={},
        limits={"statutory": Limit.parse("60 workdays"), "promised": Limit.parse("50 workdays")},
        by=SYSTEM,
        at=world.at,
    )
    taken = actions.advance(
        case_id=opened.id, step="intake", choice="accept", by=world.actor("health.clerk"), at=world.at
    )
    return Case.objects.get(pk=taken.id)


def _multiply(case: Case, copies: int) -> None:
    fresh = {"number": "'T' || copy", "query_code": "to_char(copy, 'FM00000000')"}
    with connection.cursor() as cursor:
        for table, which, changed in (
            ("cases_case", f"r.id = {case.pk}", fresh | {"id": "1000000 + copy"}),
            (
                "cases_task",
                f"r.case_id = {case.pk} AND r.status = 'open'",
                {"id": "1000000 + copy", "case_id": "1000000 + copy"},
            ),
            ("cases_clock", f"r.case_id = {case.pk} AND r.stopped_at IS NULL", {"case_id": "1000000 + copy"}),
        ):
            cursor.execute(
                "SELECT column_name FROM information_schema.columns WHERE table_name = %s AND is_identity = 'NO' OR "
                "(table_name = %s AND column_name = 'id')",
                [table, table],
            )
            columns = [name for (name,) in cursor.fetchall() if not (table == "cases_clock" and name == "id")]
            values = ", ".join(changed.get(name, f"r.{name}") for name in columns)
            overriding = "" if table == "cases_clock" else "OVERRIDING SYSTEM VALUE"
            cursor.execute(
                f"INSERT INTO {table} ({', '.join(columns)}) {overriding} SELECT {values} "
                f"FROM {table} r, generate_series(1, %s) copy WHERE {which}",
                [copies],
            )
        cursor.execute("ANALYZE cases_case, cases_task, cases_clock")


def _process(folder: Path, *more: str) -> "subprocess.Popen[str]":
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "PYTHONPATH": f"{paths.ROOT / 'src'}:{paths.ROOT}",
        "YIWANG_DATABASE_NAME": str(connections["default"].settings_dict["NAME"]),
    }
    command = [sys.executable, "-m", "tests.recompute", str(folder), *more]
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
