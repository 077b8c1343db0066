"""Filled tickets are such as the hotline takes down; and the whole bench, small, answers what the document promises."""

import json
import re
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from tests.world import AT
from yiwang.demo.bench import _centre, _said
from yiwang.demo.bench._ticket_fill import RECENT_DAYS, TicketFiller
from yiwang.kernel.base.contracts import SYSTEM, Actor
from yiwang.kernel.cases import queries as cases
from yiwang.kernel.orgs.models import Organisation
from yiwang.kernel.people import queries as people
from yiwang.services.hotline import _lists, actions, queries
from yiwang.services.hotline.models import Ticket
from yiwang.site import paths

DOCUMENT = paths.ROOT / "docs" / "reference" / "bench.md"


@pytest.fixture
def filled(world) -> _centre.Centre:
    made = _centre.make(AT)
    told: list[str] = []
    filler = TicketFiller(made, now=AT, tell=told.append)
    filler.fill(100)
    filler.fill(300)
    assert told == ["100 of 100 tickets filled in", "300 of 300 tickets filled in"]
    return made


def _actor(username: str) -> Actor:
    return people.actor_of(people.accounts_named(username)[0].id, at=AT)


def test_operators_and_clerks_see_what_was_filled_in(filled: _centre.Centre) -> None:
    operator = _actor(_centre.OPERATOR)
    page = queries.rows(operator, state="open", size=50)
    assert len(page.items) == 50
    assert all(row.is_open and row.caller_masked.startswith("赵*") for row in page.items)
    opened = cases.work_list(_actor(_centre.CLERK), kind="ticket", at=AT).items
    assert {row.step for row in opened} == {"handle"}
    assert queries.get(page.items[0].number, operator).content.strip()


def test_lists_cost_one_query(filled: _centre.Centre, django_assert_num_queries) -> None:
    for name in (_centre.OPERATOR, _centre.LEADER):
        by = _actor(name)
        with django_assert_num_queries(1):
            queries.rows(by, state="open")


def test_a_list_goes_both_ways_through_all_tickets(filled: _centre.Centre) -> None:
    operator = _actor(_centre.OPERATOR)
    first = queries.rows(operator, state="all", size=120)
    second = queries.rows(operator, state="all", size=120, cursor=first.next_cursor)
    third = queries.rows(operator, state="all", size=120, cursor=second.next_cursor)
    listed = [row.number for page in (first, second, third) for row in page.items]
    assert third.next_cursor is None
    assert listed == list(Ticket.objects.order_by("-received_at", "-id").values_list("number", flat=True))
    assert queries.rows(operator, state="all", size=120, cursor=third.previous_cursor).items == second.items
    ended = Ticket.objects.filter(case__status="closed").order_by("id")
    kind = ended[0].kind
    closed = queries.rows(operator, state="closed", kind=kind, size=200).items
    assert {row.number for row in closed} == set(ended.filter(kind=kind).values_list("number", flat=True))


def test_who_watches_many_hotlines_walks_all_tickets(filled: _centre.Centre, monkeypatch: pytest.MonkeyPatch) -> None:
    operator = _actor(_centre.OPERATOR)
    page = queries.rows(operator, size=30)
    monkeypatch.setattr(_lists, "SEATS_MAX", 0)
    assert queries.rows(operator, size=30) == page
    Organisation.objects.filter(pk=filled.office.id).update(closed_on=AT.date())
    assert queries.rows(operator, size=30) == page
    assert queries.rows(_actor(_centre.CLERK), size=30).items == []


def test_filled_messages_gather_into_topics(filled: _centre.Centre) -> None:
    run = actions.find_topics(by=SYSTEM, at=AT, look_back=timedelta(days=RECENT_DAYS + 1))
    assert run.signed == run.tickets == Ticket.objects.count() == 300
    assert run.topics > 0


def test_messages_are_the_same_in_every_run() -> None:
    assert _said.message(7) == _said.message(7)
    assert len({_said.message(n) for n in range(500)}) == 500


@pytest.mark.slow
def test_bench_of_tickets_answers_every_documented_figure(tmp_path: Path) -> None:
    plans = tmp_path / "plans.txt"
    sizes = ("--rows", "300", "--day", "20", "--rounds", "1", "--each", "3", "--plans", str(plans))
    command = [sys.executable, "-m", "yiwang", "bench", "tickets", *sizes]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    (line,) = done.stdout.splitlines()
    figures = json.loads(line)
    told = DOCUMENT.read_text(encoding="utf-8").partition("## `yiwang bench tickets`")[2].partition("\n## ")[0]
    assert set(re.findall(r"^\| `([a-z0-9_]+)", told, re.M)) == set(figures)
    assert figures["day"]["errors"] == {}
    assert all(found["queries"] <= 5 for name, found in figures["lists"].items() if ".json." in name)
    assert "hotline_ticket" in plans.read_text(encoding="utf-8")
