"""Whatever takes something in from outside can be sent twice: by a key of the sender's, or because a second time changes nothing."""

from collections.abc import Iterator
from typing import Any

from yiwang.site.api import api

# Why a repeat is harmless where no key is asked for. A new POST, PUT or PATCH asks for a key or gets its line here.
HARMLESS = {
    "licences.verify_file": "reads a file and keeps nothing",
    "applications.check_answers": "reads",
    "applications.prefill": "reads; a disclosure counts once a sitting",
    "applications.supply": "a material replaces the one before",
    "applications.track": "reads",
    "applications.upload": "the same content stands once",
    "connectors.messages": "their message id is taken once",
    "feedback.rate": "one rating a case and channel",
    "journeys.check": "reads",
    "journeys.prefill": "reads; a disclosure counts once a sitting",
    "payments.check": "asks the channel; what it says is taken in once",
    "payments.notices": "their message id is taken once",
    "payments.start": "the same payment and the same page",
    "login.register": "one account a person",
    "login.send_code": "one a minute",
    "login.sign_in": "a new sitting, the old one ends",
}
# Staff act on a state, under the lock of the case: the second finds the state changed.
FROM_OUTSIDE = {"public", "applicant", "outside"}
KEYED = {"applications.file", "journeys.file"}


def test_every_intake_can_be_sent_twice() -> None:
    found = dict(_intakes())
    keyless = sorted(name for name, asks in found.items() if not asks and name not in HARMLESS)
    assert not keyless, (
        f"take an Idempotency-Key header and kernel.base.idempotency.once, or say in {__file__} why not: {keyless}"
    )
    assert {name for name, asks in found.items() if asks} >= KEYED, "these must ask for a key"
    gone = sorted(set(HARMLESS) - set(found))
    assert not gone, f"no such route any more: {gone}"


def _intakes() -> Iterator[tuple[str, bool]]:
    for _, router in api._routers:
        for view in router.path_operations.values():
            for operation in view.operations:
                function = operation.view_func
                if {"POST", "PUT", "PATCH"} & set(operation.methods) and function.audience in FROM_OUTSIDE:
                    yield f"{function.__module__.split('.')[-2]}.{function.__name__}", _asks_for_key(operation)


def _asks_for_key(operation: Any) -> bool:
    return any("Idempotency-Key" in str(model.model_json_schema()) for model in operation.models)
