"""Real messages of a hotline: told apart well enough, taken in whole, and their hottest matters found."""

from pathlib import Path

import pytest
from django.conf import settings
from django.utils import timezone

from tests.hotline import Hotline
from yiwang.kernel.base.contracts import SYSTEM
from yiwang.services.hotline import actions, queries
from yiwang.services.hotline.models import Ticket


@pytest.fixture
def folder(shared: Path) -> Path:
    found = shared / "data" / "hotline"
    if not found.is_dir():
        pytest.skip("../shared/data/hotline is absent")
    return found


@pytest.fixture(autouse=True)
def _own_models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "YIWANG_HOME", tmp_path)


@pytest.mark.slow
def test_first_level_categories_are_told_apart(hotline: Hotline, folder: Path) -> None:
    messages = queries.labelled(folder / "messages_labelled_segmented.csv")
    done = actions.train(messages=messages, source="real", by=SYSTEM, at=timezone.now())
    assert done.worth.macro_f1 >= 0.85
    assert done.worth.calibration_error < 0.05
    assert done.judged > 1_000
    assert not done.unplaced


@pytest.mark.slow
def test_messages_are_taken_in_and_their_topics_found(hotline: Hotline, folder: Path) -> None:
    files = [folder / "messages_with_reply.csv", folder / "messages_hot.csv"]
    given = {"paths": files, "by": SYSTEM, "at": timezone.now(), "tell": lambda _: None}
    report = actions.import_files(**given)
    assert report.is_reconciled
    assert report.created >= 0.99 * report.read
    assert Ticket.objects.count() == report.created
    again = actions.import_files(**given)
    assert (again.created, again.known) == (0, report.created)
    last = Ticket.objects.latest("received_at").received_at
    run = actions.find_topics(by=SYSTEM, at=last)
    assert run.topics > 10
    names = " ".join(topic.name for topic in queries.hot_topics(hotline.actor("leader"), size=5))
    assert names
