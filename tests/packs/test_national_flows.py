"""The flows of the national packs: sound, with examples that hold, and with every step named in both languages."""

import pytest

from tests.world import place_packs
from yiwang.kernel.cases._check import findings
from yiwang.kernel.cases._examples import outcome_of
from yiwang.kernel.cases._flow import flow_of
from yiwang.kernel.cases.kinds import FLOW, FlowPack
from yiwang.kernel.packs.contracts import Pack

EXPECTED = {"standard.permit", "standard.public-service", "standard.outside", "one-thing.family"}


def _flows() -> list[Pack]:
    return place_packs().all_of(FLOW)


def test_the_national_flows_are_there() -> None:
    assert {pack.id for pack in _flows()} >= EXPECTED


@pytest.mark.parametrize("pack", _flows(), ids=lambda pack: pack.id)
def test_a_flow_is_sound_and_its_examples_hold(pack: Pack) -> None:
    body = pack.as_type(FlowPack)
    assert findings(body) == []
    assert body.examples, "a flow shows how it is meant"
    assert [wrong for example in body.examples if (wrong := outcome_of(flow_of(body, "x"), example))] == []


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_citizens_read_it_in_english_too(name: str) -> None:
    body = next(pack for pack in _flows() if pack.id == name).as_type(FlowPack)
    texts = [body.title, *(step.name for step in body.steps.values()), *(clock.name for clock in body.clocks.values())]
    assert [str(text) for text in texts if not text.en] == []
