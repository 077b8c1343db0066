"""What an application has to pay, told to support.payments: the fees of its matter, their facts from the answers."""

from collections.abc import Mapping
from typing import Any

from yiwang.kernel.cases import queries as cases
from yiwang.kernel.cases.contracts import CaseView
from yiwang.services.applications.contracts import KIND, Basics
from yiwang.services.matters import queries as matters
from yiwang.support.payments.contracts import Charge


def charges(case: CaseView) -> list[Charge]:
    if case.kind != KIND:
        return []
    basics = Basics.from_data(cases.data(case.id))
    if basics.implementation_id is None or basics.on is None:
        return []
    matter = matters.get(basics.implementation_id, on=basics.on)
    return [Charge(fee.item, _facts(fee.facts, basics.answers)) for fee in matter.fees or () if fee.item]


def _facts(wanted: Mapping[str, str], answers: Mapping[str, Any]) -> dict[str, Any]:
    found = {fact: source[1:] if source.startswith("=") else answers.get(source) for fact, source in wanted.items()}
    return {fact: value for fact, value in found.items() if value is not None}
