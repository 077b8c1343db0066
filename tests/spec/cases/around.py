"""What stands around each step of a flow, found by walking it."""

from typing import Any

from yiwang.kernel.cases.kinds import EachStep, FlowPack


def levels(body: FlowPack) -> dict[str, int]:
    return {name: len(path) for name, path in paths(body).items()}


def paths(body: FlowPack) -> dict[str, tuple[str, ...]]:
    """The branches around every step, found by walking from the start; ways that leave are not walked."""
    found: dict[str, tuple[str, ...]] = {}
    waiting: list[tuple[str, tuple[str, ...]]] = [(body.start, ()), *((name, ()) for name in _left_to(body))]
    while waiting:
        name, path = waiting.pop(0)
        if name in found or name == "join":
            continue
        found[name] = path
        part: Any = body.steps[name]
        ways: list[Any] = [part] if hasattr(part, "to") else []
        if not isinstance(part, EachStep):
            ways += [way for way in getattr(part, "choices", {}).values() if not way.leaves]
        ways += [way for way in (getattr(part, other, None) for other in ("if_some", "if_none", "otherwise")) if way]
        if getattr(part, "silence", None):
            ways.append(part.silence.route)
        waiting += [(way.to, path) for way in ways]
        waiting += [(branch, (*path, f"{name}/{branch}")) for branch in getattr(part, "branches", ())]
    return found


def _left_to(body: FlowPack) -> list[str]:
    return [
        choice.to for part in body.steps.values() for choice in getattr(part, "choices", {}).values() if choice.leaves
    ]
