"""Looking at a page shows personal data: whose number stands on it sees who looked, from where, and what for."""

from datetime import datetime

from yiwang.data.scans import _forms
from yiwang.data.scans.contracts import CHECK, CONFIRM, Stand
from yiwang.data.scans.models import Cell, Page
from yiwang.kernel.audit import actions as audit
from yiwang.kernel.base.contracts import Actor
from yiwang.kernel.base.sealing import sealed_index
from yiwang.kernel.elements import queries as elements
from yiwang.kernel.elements.contracts import NotThisElement


def wanted(page_id: int) -> str:
    """The permission that opening a page asks for: a page that was drawn is for who checks."""
    stand = Page.objects.filter(pk=page_id).values_list("stand", flat=True).first()
    return CHECK if stand == Stand.CHECKING else CONFIRM


def disclose(page: Page, *, by: Actor, at: datetime) -> None:
    """One disclosure for each subject whose number is known by now; there is none to write before it is read or confirmed."""
    form = _forms.of(page.batch)
    if form.body.subject is None:
        return
    shown = sorted(filter(None, (form.column(each.column).element for each in form.body.fields)))
    element = form.column(form.body.subject).element
    for cell in Cell.objects.filter(page=page, column=form.body.subject):
        try:
            number = str(elements.parse(element, cell.value))
        except NotThisElement:
            continue
        audit.disclose(
            subject_key=sealed_index(number), elements=shown, purpose=form.body.purpose,
            authority=f"{form.body.title}（扫描件{page.reference}）", case_number=None, by=by, at=at,
        )  # fmt: skip
