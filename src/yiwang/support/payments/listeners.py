"""What follows when orders open, are paid, or their case ends."""

from yiwang.support.payments._cases import case_closed, order_opened, order_paid

__all__ = ["case_closed", "order_opened", "order_paid"]
