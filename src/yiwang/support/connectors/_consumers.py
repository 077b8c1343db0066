"""Who takes the reports of what: an app that pushes registers, by name, the function that hears the answers."""

from importlib import import_module
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from yiwang.support.connectors.contracts import Consumer

_consumers: dict[str, str] = {}


def register_consumer(name: str, function: str) -> None:
    """Have `function` (dotted path of a Consumer) hear what is answered to pushes of consumer `name`."""
    if _consumers.setdefault(name, function) != function:
        raise ValueError(f"consumer {name} is already registered with {_consumers[name]}")


def consumer(name: str) -> "Consumer":
    module, _, function = _consumers[name].rpartition(".")
    return cast("Consumer", getattr(import_module(module), function))
