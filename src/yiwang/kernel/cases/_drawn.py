"""A flow as pictures, with or without a case, and as BPMN."""

from collections.abc import Sequence
from datetime import datetime

from django.utils import timezone

from yiwang.kernel.cases import _book, _bpmn_xml, _picture
from yiwang.kernel.cases._errors import missing
from yiwang.kernel.cases._reading import SEALED
from yiwang.kernel.cases.models import Case, Task


def flow_picture(
    *, case_id: int | None = None, flow: str | None = None, layout: str = "horizontal", at: datetime | None = None
) -> str:
    """A flow as SVG, with where the case stands and how many work days each step took; `layout` is horizontal or vertical.

    Raises NoSuchCase, PackNotFound.
    """
    (picture,) = flow_pictures(case_id=case_id, flow=flow, layouts=[layout], at=at)
    return picture


def flow_pictures(
    *,
    case_id: int | None = None,
    flow: str | None = None,
    layouts: Sequence[str] = ("horizontal", "vertical"),
    at: datetime | None = None,
) -> list[str]:
    """The same in several layouts from one reading: lying for desks, standing for phones."""
    if case_id is None:
        body = _book.current(flow or "")
        return [_picture.of_flow(body, layout) for layout in layouts]
    case = Case.objects.filter(pk=case_id).defer(*SEALED).first()
    if case is None:
        raise missing()
    done = list(Task.objects.filter(case=case_id).order_by("id"))
    pinned, now = _book.pinned(case.flow_id, case.flow_hash), at or timezone.now()
    return [_picture.of_case(pinned, case, done, layout, now) for layout in layouts]


def flow_bpmn(flow: str) -> str:
    """A flow in force as a BPMN 2.0 file (XML with its picture), for editors and engines. Raises PackNotFound."""
    return _bpmn_xml.document(_book.current(flow))
