"""The receipt (回执) of a case of one matter."""

from yiwang.kernel.cases import queries as cases
from yiwang.kernel.cases.contracts import CaseView
from yiwang.services.applications.contracts import Basics, ReceiptLine, ReceiptParts
from yiwang.services.matters import queries as matters


def of_one(case: CaseView) -> ReceiptParts:
    """Its own title, and the promise of the list that it was filed under."""
    basics = Basics.from_data(cases.data(case.id))
    if basics.implementation_id is None or basics.on is None:
        return ReceiptParts((ReceiptLine(case.title),), None)
    matter = matters.get(basics.implementation_id, on=basics.on)
    names = {each.key: each.name_en for each in matter.materials or ()}
    return ReceiptParts((ReceiptLine(case.title, "", matter.name_en),), matter.promised, matter.name_en, names)
