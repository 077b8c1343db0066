"""Electronic receipts: one for what is kept, a reversal for what goes back, numbers without gaps."""

import secrets
from datetime import datetime

from django.utils import timezone

from yiwang.kernel.base.contracts import Actor
from yiwang.kernel.base.numbering import next_number
from yiwang.kernel.ledger import actions as ledger
from yiwang.kernel.people import queries as people
from yiwang.support.payments import kinds
from yiwang.support.payments.models import Order, Receipt


def issue(order: Order, *, amount_fen: int, by: Actor, at: datetime) -> Receipt:
    """The receipt for what was taken."""
    return _make(order, amount_fen, None, people.party(order.payer_id).name, by=by, at=at)


def undo(order: Order, *, by: Actor, at: datetime) -> None:
    """Reverse the receipt in force; what stays paid after a part went back gets a new one."""
    undone = Receipt.objects.filter(order=order, reverses__isnull=False).values("reverses")
    standing = Receipt.objects.filter(order=order, reverses__isnull=True).exclude(pk__in=undone).first()
    if standing is None:
        return
    _make(order, -standing.amount_fen, standing, standing.payer_name, by=by, at=at)
    left = order.amount_fen - order.refunded_fen
    if left:
        _make(order, left, None, standing.payer_name, by=by, at=at)


def _make(
    order: Order, amount_fen: int, reverses: Receipt | None, payer_name: str, *, by: Actor, at: datetime
) -> Receipt:
    code = kinds.policy().receipt.code.replace("{year}", f"{timezone.localtime(at):%y}")
    row = Receipt.objects.create(
        code=code,
        number=f"{next_number(f'payments.receipt.{code}'):010d}",
        check_code=f"{secrets.randbelow(10**6):06d}",
        order=order,
        amount_fen=amount_fen,
        payer_name=payer_name,
        reverses=reverses,
        issued_at=at,
    )
    content = {"code": code, "number": row.number, "order": order.number, "amount_fen": amount_fen}
    subject = f"receipt:{code}{row.number}"
    ledger.append(kind="payments.receipt.issued", subject=subject, content=content, by=by, at=at)
    return row
