"""会签: whom a step of many asks, and what they answered."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from yiwang.kernel.cases import _tasks, contracts
from yiwang.kernel.cases._turn import Held, Turn
from yiwang.kernel.cases._views import case_view
from yiwang.kernel.cases.contracts import BadPlan, Instance, NotInstalled
from yiwang.kernel.cases.kinds import DATA, PLAN, EachStep
from yiwang.kernel.orgs import queries as orgs

INSTANCES_MAX = 1_000
KEY_MAX = 40


def asked(turn: Turn, held: Held, step: str, part: EachStep) -> tuple[str, ...]:
    """Whom the step asks, kept in the turn until their tasks open. Raises NotInstalled, BadPlan."""
    if part.for_each.startswith(PLAN):
        found = _planned(turn, held, part.for_each.removeprefix(PLAN))
    else:
        found = [Instance(org_id) for org_id in _listed(held, part.for_each.removeprefix(DATA))]
    named = _named(found)
    turn.asked[held.case.pk, step] = named
    return tuple(one.key for one in named)


def convene(turn: Turn, held: Held, step: str, keys: Iterable[str]) -> None:
    """Open a task for everyone who is asked."""
    known = {one.key: one for one in turn.asked[held.case.pk, step]}
    instances = [known[key] for key in keys]
    _tasks.open_many(turn, held, step, instances)
    turn.write(held, "convened", step=step, detail={"count": len(instances)}, is_visible=False)


def _planned(turn: Turn, held: Held, name: str) -> Sequence[Instance]:
    roll = contracts.rolls.get(name)
    if roll is None:
        raise NotInstalled(f"这一步要用的功能“{name}”没有安装。", hint="请联系管理员。")
    return roll(case_view(held, turn.at))


def _listed(held: Held, path: str) -> list[int]:
    """The organisations that the case's results, or else its data, name under a dotted path."""
    for source in (held.case.result or {}, held.case.data):
        found: Any = source
        for name in path.split("."):
            found = found.get(name) if isinstance(found, Mapping) else None
        if isinstance(found, list | tuple):
            if not all(str(one).isdecimal() for one in found):
                break
            return [int(one) for one in found]
    raise BadPlan("还没有选定征求意见的单位。", hint="请先选定单位，再提交这一步。")


def _named(found: Sequence[Instance]) -> list[Instance]:
    """Everyone with a key of their own, at an organisation there is."""
    if len(found) > INSTANCES_MAX:
        raise BadPlan(f"一次最多征求{INSTANCES_MAX}家单位的意见。", hint="请分几次办理。")
    named = [Instance(one.org_id, one.key or str(one.org_id), one.limit) for one in found]
    keys = {one.key for one in named}
    if len(keys) < len(named) or any(len(key) > KEY_MAX or "#" in key for key in keys):
        raise BadPlan("征求意见的单位有重复。", hint="请核对单位名单。")
    if {one.org_id for one in named} - orgs.named(one.org_id for one in named).keys():
        raise BadPlan("征求意见的单位中有不存在的。", hint="请核对单位名单。")
    return named
