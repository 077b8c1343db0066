"""What happens to a parcel, told to those whom it concerns; the packs say in which words."""

from datetime import datetime
from typing import Any

from yiwang.kernel.base.contracts import SYSTEM
from yiwang.kernel.cases import queries as cases
from yiwang.kernel.cases.contracts import NoSuchCase
from yiwang.support.delivery import queries
from yiwang.support.notify import actions as notify


def tell(*, payload: dict[str, Any], at: datetime) -> None:
    """The applicant where the parcel is; of a lost one the unit too, that it may send again."""
    parcel = queries.get(payload["order_id"])
    try:
        case = cases.by_number(parcel.case_number)
    except NoSuchCase:
        return
    notify.tell(
        occasion=f"parcel-{payload['state']}",
        case_id=case.id,
        key=f"parcel:{parcel.id}:{payload['state']}",
        facts={"waybill": parcel.waybill_no},
        by=SYSTEM,
        at=at,
    )
