"""A person's word on a page: fields confirmed, put right or unreadable, the page put aside, passed or sent back."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from yiwang.data.scans import _judge, _machine
from yiwang.data.scans._forms import Form
from yiwang.data.scans.contracts import Act, CannotSettle, Doubt, Held, NotAsAsked, Settling, Stand
from yiwang.data.scans.models import Cell, Deed, Page
from yiwang.kernel.base.contracts import Actor, Place

VALUE_MAX = 4000
_HELD: Mapping[Act, Held] = {
    Act.CONFIRMED: Held.CONFIRMED, Act.CHANGED: Held.CONFIRMED, Act.AS_WRITTEN: Held.AS_WRITTEN,
    Act.UNREADABLE: Held.UNREADABLE,
}  # fmt: skip


def locked(page_id: int, *stands: Stand) -> Page:
    """A page as it stands now, for this transaction. Raises CannotSettle when it stands otherwise."""
    page = Page.objects.select_for_update().get(pk=page_id)
    if page.stand not in stands or page.part_id:
        raise CannotSettle(f"这一页现在是“{Stand(page.stand).label}”。", hint="可能已由同事处理，请打开下一页。")
    return page


def settle(page: Page, form: Form, words: Sequence[Settling], today: date, *, by: Actor, at: datetime) -> None:
    """Take a person's word on fields; every doubtful one must be among them. Raises NotAsAsked with each place."""
    cells = {cell.pk: cell for cell in Cell.objects.filter(page=page)}
    given = {each.field_id: each for each in words if each.field_id in cells}
    wrong = [
        Place(f"f{cell.pk}", said) for cell in cells.values() if (said := _wrong(cell, given.get(cell.pk), form, today))
    ]
    if wrong:
        raise NotAsAsked("还有栏目要核对。", places=wrong, hint="纸上确实如此的，请勾选“纸上如此”。")
    deeds = [deed for key, each in given.items() if (deed := _taken(cells[key], each, form, today, by, at))]
    Cell.objects.bulk_update(list(cells.values()), ["value", "held", "doubt", "words"])
    Deed.objects.bulk_create(deeds)
    page.settled_by = by.account_id
    page.stand = Stand.UNREADABLE if _is_lost(list(cells.values()), form) else _onwards(page, form)


def _onwards(page: Page, form: Form) -> Stand:
    """A page that was sent back is checked again, drawn or not."""
    was_sent_back = Deed.objects.filter(page=page, act=Act.SENT_BACK).exists()
    return Stand.CHECKING if was_sent_back else _machine.after(form)


def _wrong(cell: Cell, said: Settling | None, form: Form, today: date) -> str:
    if said is None:
        return "请确认、改正，或标为无法辨认。" if cell.held == Held.DOUBTFUL else ""
    if said.is_unreadable:
        return ""
    value = said.value.strip()
    if not value:
        is_demanded = form.column(cell.column).is_demanded
        return "这一栏必填，请照纸面填写，或标为无法辨认。" if is_demanded else ""
    if len(value) > VALUE_MAX:
        return f"最多{VALUE_MAX}字。"
    return "" if said.is_as_written else _judge.refusal(value, form.column(cell.column), today)


def _taken(cell: Cell, said: Settling, form: Form, today: date, by: Actor, at: datetime) -> Deed | None:
    """Nothing is written down where a field that was not doubtful stays as it is."""
    value = "" if said.is_unreadable else " ".join(said.value.split())
    if cell.held != Held.DOUBTFUL and value == cell.value and not said.is_unreadable:
        return None
    act = _act(cell, said, value, form, today)
    before, cell.value = cell.value, value
    cell.held, cell.doubt, cell.words = _HELD[act], Doubt.NONE, ""
    return Deed(
        page=cell.page,
        row=cell.row,
        column=cell.column,
        act=act,
        before=before,
        after=value,
        account_id=by.account_id,
        at=at,
    )


def _act(cell: Cell, said: Settling, value: str, form: Form, today: date) -> Act:
    if said.is_unreadable:
        return Act.UNREADABLE
    if value and said.is_as_written and _judge.refusal(value, form.column(cell.column), today):
        return Act.AS_WRITTEN
    return Act.CONFIRMED if value == cell.value else Act.CHANGED


def _is_lost(cells: Sequence[Cell], form: Form) -> bool:
    """Whether no row of a page is left: in each a demanded field is unreadable."""
    lost = {cell.row for cell in cells if _leaves_out(cell, form)}
    return bool(lost) and lost == {cell.row for cell in cells}


def _leaves_out(cell: Cell, form: Form) -> bool:
    return cell.held == Held.UNREADABLE and form.column(cell.column).is_demanded


def doubt_all(page: Page) -> None:
    """All fields of a page that was sent back want another look."""
    Cell.objects.filter(page=page).update(held=Held.DOUBTFUL, doubt=Doubt.SENT_BACK, words="")


def note(page: Page, act: Act, words: str = "", *, by: Actor, at: datetime) -> None:
    """One deed for a page as a whole."""
    Deed.objects.create(page=page, act=act, before="", after=words, account_id=by.account_id, at=at)
