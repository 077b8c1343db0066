"""Where the parcels of a case are; personal values masked."""

from collections.abc import Iterable

from django.db.models import QuerySet

from yiwang.kernel.access import queries as access
from yiwang.kernel.base.contracts import Actor
from yiwang.kernel.base.masking import mask_address, mask_name, mask_phone
from yiwang.kernel.base.paging import Page, keyset
from yiwang.kernel.cases import queries as cases
from yiwang.support.delivery.contracts import DeliveryView, NoSuchOrder, ParcelState, StatusView
from yiwang.support.delivery.models import Order, Status

SHOWN_MAX = 99


def get(order_id: int) -> DeliveryView:
    """One order. Raises NoSuchOrder."""
    row = Order.objects.filter(pk=order_id).first()
    if row is None:
        raise NoSuchOrder("没有这份寄递订单。", hint="请刷新后再看。")
    return _views([row])[0]


def of_case(case_number: str) -> list[DeliveryView]:
    """The orders of a case, oldest first, in two queries."""
    return _views(Order.objects.filter(case_number=case_number).order_by("id"))


def of_case_seen_by(case_number: str, by: Actor) -> list[DeliveryView]:
    """As `of_case`, for whoever may see the case. Raises NoSuchCase, NotYourCase."""
    return of_case(cases.get(cases.by_number(case_number).id, by).number)


def of_cases(case_numbers: Iterable[str]) -> dict[str, list[DeliveryView]]:
    """The orders of several cases (a family), in two queries."""
    found: dict[str, list[DeliveryView]] = {}
    for view in _views(Order.objects.filter(case_number__in=list(case_numbers)).order_by("id")):
        found.setdefault(view.case_number, []).append(view)
    return found


def to_make_good(by: Actor, *, cursor: str | None = None, size: int = 20) -> Page[DeliveryView]:
    """Lost or unsent parcels of one's own units that nobody has sent again yet, oldest first."""
    page = keyset(_lost(by), order=("id",), cursor=cursor, size=size)
    return Page(_views(page.items), page.next_cursor, page.previous_cursor)


def count_to_make_good(by: Actor) -> int:
    """How many they are, counted up to 99, in one query."""
    return _lost(by)[:SHOWN_MAX].count()


def _lost(by: Actor) -> QuerySet[Order]:
    replaced = Order.objects.filter(replaces__isnull=False).values("replaces")
    rows = Order.objects.filter(state__in=(ParcelState.LOST, ParcelState.REFUSED)).exclude(pk__in=replaced)
    return access.visible(by, rows, "cases.act")


def _views(rows: Iterable[Order]) -> list[DeliveryView]:
    rows = list(rows)
    history: dict[int, list[StatusView]] = {row.pk: [] for row in rows}
    for status in Status.objects.filter(order__in=rows).order_by("occurred_at", "id"):
        view = StatusView(ParcelState(status.state), status.sentence, status.place, status.occurred_at)
        history[status.order_id].append(view)
    return [_view(row, history[row.pk]) for row in rows]


def _view(row: Order, history: list[StatusView]) -> DeliveryView:
    return DeliveryView(
        id=row.pk,
        case_number=row.case_number,
        state=ParcelState(row.state),
        waybill_no=row.waybill_no,
        items=tuple(row.items),
        recipient=mask_name(row.recipient),
        phone=mask_phone(row.phone),
        address=mask_address(row.address),
        ordered_at=row.ordered_at,
        ended_at=row.ended_at,
        replaces_id=row.replaces_id,
        history=tuple(history),
    )
