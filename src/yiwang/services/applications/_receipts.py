"""The receipt (回执) of a case of one matter."""

from yiwang.kernel.cases import queries as cases
from yiwang.kernel.cases.contracts import CaseView
from yiwang.services.applications.contracts import Basics, ReceiptLine, ReceiptParts
from yiwang.services.matters import queries as matters


def of_one(case: CaseView) -> ReceiptParts:
    """Its own title, and the promise of the list that it was filed under."""
    basics = Basics.from_data(cases.data(case.id))
    promised = None
    if basics.implementation_id is not None and basics.on is not None:
        promised = matters.get(basics.implementation_id, on=basics.on).promised
    return ReceiptParts((ReceiptLine(case.title),), promised)
