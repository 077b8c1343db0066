"""What our pack quotes of a real guide is what that guide says."""

import json
from pathlib import Path

from tests.world import place_packs
from yiwang.services.journeys.kinds import JourneyPack


def test_quoted_figures_are_the_guide_s(shared: Path) -> None:
    sample = json.loads((shared / "data" / "service_items" / "hunan_sample.json").read_text(encoding="utf-8"))
    guide = sample["one_thing_guides"][0]
    body = place_packs().get("Journey", "anlan.birth.one-thing").as_type(JourneyPack)
    quoted = body.quoted
    assert quoted is not None
    for ours, theirs in (("days", "days"), ("visits", "visits"), ("materials", "materials"), ("forms", "links")):
        figure = getattr(quoted, ours)
        assert [figure.before, figure.after] == guide["before_after"][theirs]
    assert sorted(quoted.own_days.values()) == sorted(days for _, days in guide["linked_matters"])
    assert quoted.material_rows == len(guide["materials"])
    assert quoted.material_rows_spared == sum("免提交" in row for row in guide["materials"])
    assert guide["code"] in quoted.source
