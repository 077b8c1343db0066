"""What `yiwang bench trust --part campaign` measures, on a small world: every recipient is sent to once and has a receipt."""

import json
import os
from pathlib import Path

import pytest

from tests.outside.played import Mailbox, played
from tests.world import World
from yiwang.demo.bench import _campaign
from yiwang.support.notify.models import Message


@pytest.mark.slow
@pytest.mark.django_db
def test_a_campaign_from_file_to_receipts(world: World, home: Path) -> None:
    lines = int(os.environ.get("YIWANG_CAMPAIGN_LINES", "2000"))
    with played("sms", home, Mailbox(url="http://127.0.0.1:9"), by_itself=True, refuse=20):
        found = _campaign.run(lines=lines, tell=print)
    if kept := os.environ.get("YIWANG_CAMPAIGN_FIGURES"):
        Path(kept).write_text(json.dumps(found, ensure_ascii=False))
    states = found["by_text"]["states"]
    assert found["recipients"] == lines
    assert sum(count for state, count in states.items() if state.startswith("sms ")) == lines
    assert states["sms delivered"] > states.get("sms undelivered", 0) > 0
    assert states["email no-address"] == states["sms undelivered"]
    assert not Message.objects.filter(campaign__isnull=False).exists()
