"""What the random flows hang in: an effect, a plan of sub-cases, a system outside."""

from collections.abc import Callable
from typing import Any

from tests.world import World
from yiwang.kernel.cases import queries
from yiwang.kernel.cases.contracts import CaseView, EffectContext, OutsideRequest, Part, Receipt


def soft(context: EffectContext) -> dict[str, Any]:
    done = queries.results(context.case.id).get("soft", 0)
    return {"soft": done + 1}


class Rival:
    """A system outside that takes whatever it is given."""

    def push(self, request: OutsideRequest) -> Receipt:
        return Receipt("1")


def parts(world: World) -> Callable[[CaseView], list[Part]]:
    """Three sub-cases at once."""
    return lambda case: [Part(slot, slot, "match", "test.single", world.org("health").id) for slot in ("a", "b", "c")]
