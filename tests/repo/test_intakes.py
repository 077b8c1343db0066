"""Whatever takes something in can be sent twice: by a key of the sender's, or because a second time changes nothing."""

from collections.abc import Iterator
from typing import Any

from yiwang.site.api import api

# Why a repeat is harmless where no key is asked for. A new POST, PUT or PATCH asks for a key or gets its line here.
HARMLESS = {
    "cases.*": "taken at a state of the case, under the family's lock: the second finds the state changed; a note is a note",
    "connectors.*": "their message id is taken once; what was sent or settled is not again",
    "delivery.*": "an order that goes out is not made again",
    "licences.*": "a state that is reached cannot be reached again",
    "login.*": "one account a person, one code a minute, a new sitting ends the old one",
    "notify.*": "read is read",
    "applications.check": "a verdict replaces the one before",
    "applications.check_answers": "reads",
    "applications.check_promise": "a step that was taken is closed",
    "applications.prefill": "reads; a disclosure counts once a sitting",
    "applications.supply": "a material replaces the one before",
    "applications.track": "reads",
    "applications.upload": "the same content stands once",
    "feedback.rate": "one rating a case and channel",
    "journeys.check": "reads",
    "journeys.prefill": "reads; a disclosure counts once a sitting",
}
KEYED = {"applications.file", "journeys.file"}


def test_every_intake_can_be_sent_twice() -> None:
    found = dict(_intakes())
    keyless = sorted(name for name, asks in found.items() if not asks and not {name, _app(name)} & set(HARMLESS))
    assert not keyless, (
        f"take an Idempotency-Key header and kernel.base.idempotency.once, or say in {__file__} why not: {keyless}"
    )
    assert {name for name, asks in found.items() if asks} >= KEYED, "these must ask for a key"
    gone = set(HARMLESS) - set(found) - set(map(_app, found))
    assert not gone, f"no such route any more: {sorted(gone)}"


def _intakes() -> Iterator[tuple[str, bool]]:
    for _, router in api._routers:
        for view in router.path_operations.values():
            for operation in view.operations:
                if {"POST", "PUT", "PATCH"} & set(operation.methods):
                    function = operation.view_func
                    yield f"{function.__module__.split('.')[-2]}.{function.__name__}", _asks_for_key(operation)


def _app(name: str) -> str:
    return f"{name.partition('.')[0]}.*"


def _asks_for_key(operation: Any) -> bool:
    return any("Idempotency-Key" in str(model.model_json_schema()) for model in operation.models)
