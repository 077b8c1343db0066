"""Events: published inside an action's transaction, delivered by the job worker after commit."""

from datetime import datetime
from importlib import import_module
from typing import Any

from procrastinate.contrib.django import app

from yiwang.kernel.base.measures import count_event

_listeners: dict[str, list[str]] = {}


def subscribe(name: str, listener: str) -> None:
    """Have `listener` (dotted path of `fn(*, payload, at)`) called for each event of `name`.

    Called from AppConfig.ready(). A listener may be called again after a crash and must not mind.
    """
    listeners = _listeners.setdefault(name, [])
    if listener not in listeners:
        listeners.append(listener)


def publish(name: str, payload: dict[str, Any], *, at: datetime) -> None:
    """Queue one job per listener of `name` in the current transaction. No personal data in `payload`."""
    count_event(name)
    for listener in _listeners.get(name, ()):
        deliver.defer(listener=listener, payload=payload, at=at.isoformat())


def listeners_of(name: str) -> tuple[str, ...]:
    return tuple(_listeners.get(name, ()))


@app.task(name="base.deliver_event", queue="events", retry=10)
def deliver(*, listener: str, payload: dict[str, Any], at: str) -> None:
    module, _, function = listener.rpartition(".")
    getattr(import_module(module), function)(payload=payload, at=datetime.fromisoformat(at))
