"""Everything that changes what is owed, paid and returned."""

from yiwang.support.payments._orders import close_order, open_order
from yiwang.support.payments._paying import carry, check, look_after, refund, start_payment
from yiwang.support.payments._reconciling import reconcile, reconcile_soon
from yiwang.support.payments._settling import receive

__all__ = [
    "carry",
    "check",
    "close_order",
    "look_after",
    "open_order",
    "receive",
    "reconcile",
    "reconcile_soon",
    "refund",
    "start_payment",
]
