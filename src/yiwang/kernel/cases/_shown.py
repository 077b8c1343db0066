"""A case as its reader may see it in JSON."""

from django.http import HttpResponse

from yiwang.kernel.base.contracts import Actor
from yiwang.kernel.base.http import contract_as
from yiwang.kernel.base.masking import mask_name
from yiwang.kernel.cases._schemas import CaseOut
from yiwang.kernel.cases.contracts import CaseView


def shown(case: CaseView, by: Actor) -> HttpResponse:
    mine = case.applicant_id is not None and by.acting_for == case.applicant_id
    fields = {name: getattr(case, name) for name in CaseOut.model_fields}
    return contract_as(CaseOut, fields | {"subject": case.subject if mine else mask_name(case.subject)})
