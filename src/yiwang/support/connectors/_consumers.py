"""Who takes the reports of what: an app that pushes registers, by name, the function that hears the answers."""

from importlib import import_module
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from yiwang.support.connectors.contracts import Consumer

_consumers: dict[str, tuple[str, str]] = {}


def register_consumer(name: str, function: str, *, wanted: str = "") -> None:
    """Have `function` (dotted path of a Consumer) hear what is answered to pushes of consumer `name`.

    `wanted` is the path of `fn(*, system, reference) -> bool`, asked right before a message goes out.
    """
    if _consumers.setdefault(name, (function, wanted)) != (function, wanted):
        raise ValueError(f"consumer {name} is already registered with {_consumers[name][0]}")


def consumer(name: str) -> "Consumer":
    return cast("Consumer", _function(_consumers[name][0]))


def is_wanted(name: str, *, system: str, reference: str) -> bool:
    wanted = _consumers[name][1]
    return not wanted or bool(_function(wanted)(system=system, reference=reference))


def _function(path: str) -> Any:
    module, _, function = path.rpartition(".")
    return getattr(import_module(module), function)
