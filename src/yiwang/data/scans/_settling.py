"""A person's word on a page: fields confirmed, put right or unreadable, the page put aside, passed or sent back."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from itertools import groupby

from django.db.models import Max

from yiwang.data.scans import _agree, _judge, _machine
from yiwang.data.scans._forms import Form
from yiwang.data.scans.contracts import ROWS_MAX, Act, CannotSettle, Doubt, Held, NotAsAsked, Settling, Stand
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
    odd = _odd(list(cells.values()), given, form, by, at)
    wrong = [
        Place(f"f{key}", said)
        for key, cell in cells.items()
        if (said := _wrong(cell, given.get(key), form, today) or odd.get(key, ""))
    ]
    if wrong:
        raise NotAsAsked("还有栏目要核对。", places=wrong, hint="纸上确实如此的，请勾选“纸上如此”。")
    deeds = [deed for key, each in given.items() if (deed := _taken(cells[key], each, form, today, key in odd, by, at))]
    Cell.objects.bulk_update(list(cells.values()), ["value", "held", "doubt", "words"])
    Deed.objects.bulk_create(deeds)
    page.settled_by = by.account_id
    page.stand = Stand.UNREADABLE if _is_lost(list(cells.values()), form) else _onwards(page, form)


def _onwards(page: Page, form: Form) -> Stand:
    """A page that was sent back is checked again, drawn or not."""
    was_sent_back = Deed.objects.filter(page=page, act=Act.SENT_BACK).exists()
    return Stand.CHECKING if was_sent_back else _machine.after(form)


def _odd(cells: Sequence[Cell], given: Mapping[int, Settling], form: Form, by: Actor, at: datetime) -> dict[int, str]:
    """Fields that do not agree with another of their row, and what is wrong: nothing where a person says that the paper has one of both so."""
    odd: dict[int, str] = {}
    for _, group in groupby(sorted(cells, key=lambda cell: cell.row), key=lambda cell: cell.row):
        row = {cell.column: cell for cell in group}
        if not any(_is_touched(cell, given.get(cell.pk)) for cell in row.values()):
            continue
        values = {name: _said(cell, given.get(cell.pk)) for name, cell in row.items()}
        for part in _agree.broken(form, values, by=by, at=at):
            pair = (row[part.column].pk, row[part.number].pk)
            is_so = any(key in given and given[key].is_as_written for key in pair)
            odd |= dict.fromkeys(pair, "" if is_so else _agree.words(part))
    return odd


def _is_touched(cell: Cell, said: Settling | None) -> bool:
    return cell.held == Held.DOUBTFUL or _said(cell, said) != cell.value


def _said(cell: Cell, said: Settling | None) -> str:
    if said is None:
        return str(cell.value)
    return "" if said.is_unreadable else " ".join(said.value.split())


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


def _taken(cell: Cell, said: Settling, form: Form, today: date, is_odd: bool, by: Actor, at: datetime) -> Deed | None:
    """Nothing is written down where a field that was not doubtful stays as it is."""
    value = _said(cell, said)
    if cell.held != Held.DOUBTFUL and value == cell.value and not said.is_unreadable:
        return None
    act = _act(cell, said, value, form, today, is_odd)
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


def _act(cell: Cell, said: Settling, value: str, form: Form, today: date, is_odd: bool) -> Act:
    if said.is_unreadable:
        return Act.UNREADABLE
    if value and said.is_as_written and (is_odd or _judge.refusal(value, form.column(cell.column), today)):
        return Act.AS_WRITTEN
    return Act.CONFIRMED if value == cell.value else Act.CHANGED


def _is_lost(cells: Sequence[Cell], form: Form) -> bool:
    """Whether no row of a page is left: in each a demanded field is unreadable."""
    lost = {cell.row for cell in cells if _leaves_out(cell, form)}
    return bool(lost) and lost == {cell.row for cell in cells}


def _leaves_out(cell: Cell, form: Form) -> bool:
    return cell.held == Held.UNREADABLE and form.column(cell.column).is_demanded


def add_row(page: Page, form: Form) -> int:
    """One row more at the end, empty and to be filled in as the paper has it. Raises CannotSettle where the paper has no table, or has too many rows."""
    last = Cell.objects.filter(page=page).aggregate(last=Max("row"))["last"] or 0
    if not form.body.is_table or last >= ROWS_MAX:
        raise CannotSettle("这一页不能加行。", hint=f"只有表格版式可以加行，一页最多{ROWS_MAX}行。")
    Cell.objects.bulk_create(
        Cell(
            page=page, row=last + 1, place=place, column=part.column, value="", found="", confidence=0,
            held=Held.DOUBTFUL, doubt=Doubt.MISSING, words="人工加的一行，请照纸面填写。",
        )
        for place, part in enumerate(form.body.fields)
    )  # fmt: skip
    return last + 1


def drop_row(page: Page, row: int) -> None:
    """An added row goes again. Raises CannotSettle for one that the reader found."""
    if row not in added(page):
        raise CannotSettle("只能去掉人工加的行。", hint="识别出的行无法辨认的，请标为无法辨认。")
    Cell.objects.filter(page=page, row=row).delete()


def added(page: Page) -> set[int]:
    return set(Deed.objects.filter(page=page, act=Act.ADDED).values_list("row", flat=True))


def doubt_all(page: Page) -> None:
    """All fields of a page that was sent back want another look."""
    Cell.objects.filter(page=page).update(held=Held.DOUBTFUL, doubt=Doubt.SENT_BACK, words="")


def note(page: Page, act: Act, words: str = "", *, row: int = 0, by: Actor, at: datetime) -> None:
    """One deed for a page as a whole, or for a row of it."""
    Deed.objects.create(page=page, row=row, act=act, before="", after=words, account_id=by.account_id, at=at)
