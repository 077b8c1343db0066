"""From the rows of purpose-bound copies to contracts."""

from datetime import date

from yiwang.kernel.orgs import queries as orgs
from yiwang.support.licences import _rows
from yiwang.support.licences.contracts import CopyState, CopyUse, CopyView
from yiwang.support.licences.models import PurposeCopy


def standing(copy: PurposeCopy, on: date) -> CopyState:
    """How a copy stands on a day: leave that was not given in time, and a use whose day is over."""
    state = CopyState(copy.state)
    if state is CopyState.ASKED and on > min(copy.answer_by, copy.until):
        return CopyState.UNANSWERED
    return CopyState.OVER if state is CopyState.GIVEN and on > copy.until else state


def view(copy: PurposeCopy, *, on: date) -> CopyView:
    return CopyView(
        id=copy.pk,
        code=copy.code,
        licence=_rows.view(copy.licence, on=on),
        org_id=copy.org_id,
        org_name=orgs.get(copy.org_id).name,
        purpose=str(copy.purpose),
        authority=copy.authority,
        rests_on_law=bool(copy.ground),
        case_number=copy.case_number,
        state=standing(copy, on),
        asked_at=copy.asked_at,
        answer_by=copy.answer_by,
        until=copy.until,
        answered_at=copy.answered_at,
        leaf_id=copy.leaf_id,
    )


def use_of(copy: PurposeCopy, *, on: date) -> CopyUse:
    return CopyUse(str(copy.purpose), orgs.get(copy.org_id).name, copy.until, standing(copy, on), copy.version)
