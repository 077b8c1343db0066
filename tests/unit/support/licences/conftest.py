"""A birth certificate in the small world."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.world import AT, World
from yiwang.support.licences import actions
from yiwang.support.licences.contracts import Holder, LicenceView

CHILD = {
    "child_name": "林安",
    "sex": "1",
    "born_at": "2026-11-20T08:30",
    "gestation_weeks": 39,
    "weight_grams": 3200,
    "institution": "临江区妇幼保健院",
}
Issue = Callable[..., LicenceView]


@pytest.fixture
def issue(world: World) -> Issue:
    """Issue the certificate; any argument of `actions.issue` may be replaced."""

    def issued(**changes: Any) -> LicenceView:
        mother = world.mother
        values: dict[str, Any] = {
            "type_id": "birth-certificate",
            "holder": Holder("林安", "999", ""),
            "issuer_org_id": world.org("health").id,
            "fields": {**CHILD, "mother_name": mother.name, "mother_id": mother.id_number},
            "case_number": "990102202611230000011-01",
            "keepers": [mother.subject_key, world.father.subject_key],
            "by": world.actor("health.approver"),
            "at": AT,
        }
        return actions.issue(**{**values, **changes})

    return issued
