"""One page through the reader: its fields, each judged, and how the page stands then."""

import secrets
from collections.abc import Callable
from datetime import date, datetime

from yiwang.data.scans import _agree, _find, _judge
from yiwang.data.scans._forms import Form
from yiwang.data.scans.contracts import Doubt, Held, Reading, Stand
from yiwang.data.scans.models import Cell, Page
from yiwang.kernel.base.contracts import Actor

Draw = Callable[[int], bool]


def drawn(share: int) -> bool:
    """Whether a page is among the `share` of a hundred that a second person checks; nobody can tell beforehand."""
    return secrets.randbelow(100) < share


def write_down(page: Page, form: Form, reading: Reading, today: date, *, by: Actor, at: datetime) -> None:
    """The fields of a page as they were read. The page is saved by the caller."""
    page.width, page.height = reading.width, reading.height
    Cell.objects.filter(page=page).delete()
    if not _find.bears_mark(form.body, reading):
        page.stand, page.reason = Stand.ASIDE, f"没有找到“{'”或“'.join(form.body.marks)}”，不像这种版式"
    cells = cells_of(page, form, reading, today)
    _agree.doubt(cells, form, by=by, at=at)
    Cell.objects.bulk_create(cells)
    if page.stand == Stand.WAITING:
        page.stand = Stand.DOUBTFUL if any(cell.held == Held.DOUBTFUL for cell in cells) else after(form)


def after(form: Form) -> Stand:
    """Where a page goes when nothing on it is doubtful any more."""
    return Stand.CHECKING if drawn(form.body.check_share) else Stand.READY


def cells_of(page: Page, form: Form, reading: Reading, today: date) -> list[Cell]:
    """Every field of every row, in the order of the form."""
    cells = []
    for number, row in enumerate(_find.rows(form.body, reading), start=1):
        for place, part in enumerate(form.body.fields):
            found = row[part.column]
            judged = _judge.judge(found, form.column(part.column), sure_from=form.sure_from(part), today=today)
            cells.append(
                Cell(
                    page=page, row=number, place=place, column=part.column, value=judged.value, found=found.text,
                    confidence=_judge.percent(found.sure), box=list(found.box) if found.box else None,
                    held=Held.DOUBTFUL if judged.doubt is not Doubt.NONE else Held.SURE, doubt=judged.doubt,
                    words=judged.words[:300], is_corrected=judged.is_corrected,
                )
            )  # fmt: skip
    return cells
