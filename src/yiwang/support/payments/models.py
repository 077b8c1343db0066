"""Orders, the attempts to pay them, refunds, receipts, what channels said, and what the daily comparison found."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from yiwang.kernel.base.fields import SealedTextField
from yiwang.support.payments.contracts import DifferenceKind, OrderState, PaymentState, RefundState, Via, Word


def _choices(kind: type) -> list[tuple[str, str]]:
    return [(each.value, each.value) for each in kind]  # type: ignore[attr-defined]


class Order(models.Model):
    """One debt. `sum` is how it came about; the content of the fee item is kept by its hash."""

    PLAIN: ClassVar = frozenset(
        {"number", "key", "fee_item_id", "fee_item_hash", "case_number", "reference", "debt", "sum", "state"}
    )

    number = models.CharField(max_length=40, unique=True)
    key = models.CharField(max_length=120, unique=True)
    debt = models.CharField(max_length=200)
    fee_item_id = models.CharField(max_length=120)
    fee_item_hash = models.CharField(max_length=64)
    case_number = models.CharField(max_length=40)
    reference = models.CharField(max_length=120, default="")
    payer = models.ForeignKey("people.Party", models.PROTECT, related_name="+")
    org = models.ForeignKey("orgs.Organisation", models.PROTECT, related_name="+", db_index=False)
    sum = models.JSONField()
    amount_fen = models.BigIntegerField()
    refunded_fen = models.BigIntegerField(default=0)
    state = models.CharField(max_length=10, choices=_choices(OrderState), default=OrderState.OPEN.value)
    opened_at = models.DateTimeField()
    paid_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["debt"], name="payments_one_live_order", condition=Q(state__in=["open", "paid", "waived"])
            ),
            models.CheckConstraint(
                condition=Q(amount_fen__gte=0, refunded_fen__gte=0) & Q(refunded_fen__lte=models.F("amount_fen")),
                name="payments_order_amounts",
            ),
        )
        indexes = (
            models.Index(fields=["case_number"], name="payments_order_case"),
            models.Index(fields=["org", "-id"], name="payments_order_org"),
        )


class Payment(models.Model):
    """One attempt to pay an order at one channel; at most one is kept."""

    PLAIN: ClassVar = frozenset({"number", "channel", "state", "channel_number", "page_url"})

    number = models.CharField(max_length=40, unique=True)
    order = models.ForeignKey(Order, models.PROTECT, related_name="+")
    channel = models.CharField(max_length=40)
    state = models.CharField(max_length=10, choices=_choices(PaymentState), default=PaymentState.STARTING.value)
    amount_fen = models.BigIntegerField()
    captured_fen = models.BigIntegerField(default=0)
    channel_number = models.CharField(max_length=80, default="")
    page_url = models.CharField(max_length=400, default="")
    started_at = models.DateTimeField()
    asked_at = models.DateTimeField(null=True)
    captured_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["order"], name="payments_one_kept", condition=Q(state="kept")),
            models.UniqueConstraint(
                fields=["order", "channel"],
                name="payments_one_begun_per_channel",
                condition=Q(state__in=["starting", "waiting"]),
            ),
        )
        indexes = (
            models.Index(
                fields=["id"], name="payments_unsettled", condition=Q(state__in=["starting", "waiting", "closing"])
            ),
            models.Index(fields=["channel", "captured_at"], name="payments_captured"),
        )


class Heard(models.Model):
    """One message of a channel, counted once."""

    PLAIN: ClassVar = frozenset({"channel", "message_id", "digest", "word", "via"})

    channel = models.CharField(max_length=40)
    message_id = models.CharField(max_length=120)
    digest = models.CharField(max_length=64)
    payment = models.ForeignKey(Payment, models.PROTECT, related_name="+")
    word = models.CharField(max_length=10, choices=_choices(Word))
    amount_fen = models.BigIntegerField()
    via = models.CharField(max_length=10, choices=_choices(Via))
    heard_at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=["channel", "message_id"], name="payments_heard_once"),)


class Refund(models.Model):
    """Money that goes back the way it came. `key` keeps a repeated request from paying back twice."""

    PLAIN: ClassVar = frozenset({"number", "key", "state", "channel_number"})

    number = models.CharField(max_length=40, unique=True)
    key = models.CharField(max_length=120, unique=True)
    payment = models.ForeignKey(Payment, models.PROTECT, related_name="+")
    amount_fen = models.BigIntegerField()
    reason = SealedTextField()
    is_surplus = models.BooleanField()
    state = models.CharField(max_length=10, choices=_choices(RefundState), default=RefundState.WAITING.value)
    channel_number = models.CharField(max_length=80, default="")
    asked_at = models.DateTimeField()
    asked_by = models.BigIntegerField(null=True)
    done_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (models.CheckConstraint(condition=Q(amount_fen__gt=0), name="payments_refund_amount"),)
        indexes = (models.Index(fields=["id"], name="payments_refund_waiting", condition=Q(state="waiting")),)


class Receipt(models.Model):
    """电子票据; never changed: what is undone gets a reversal of its own (红字)."""

    PLAIN: ClassVar = frozenset({"code", "number", "check_code"})

    code = models.CharField(max_length=12)
    number = models.CharField(max_length=12)
    check_code = models.CharField(max_length=12)
    order = models.ForeignKey(Order, models.PROTECT, related_name="+")
    amount_fen = models.BigIntegerField()
    payer_name = SealedTextField()
    reverses = models.OneToOneField("self", models.PROTECT, null=True, related_name="+")
    issued_at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=["code", "number"], name="payments_receipt_number"),)


class Reconciliation(models.Model):
    """One comparison of one day with one channel's file."""

    PLAIN: ClassVar = frozenset({"channel"})

    channel = models.CharField(max_length=40)
    day = models.DateField()
    run_at = models.DateTimeField()
    ours_count = models.PositiveIntegerField()
    ours_fen = models.BigIntegerField()
    theirs_count = models.PositiveIntegerField()
    theirs_fen = models.BigIntegerField()
    repaired = models.PositiveIntegerField()
    differences = models.PositiveIntegerField()

    class Meta:
        indexes = (models.Index(fields=["-day", "-id"], name="payments_reconciled"),)


class Difference(models.Model):
    """Something both sides do not agree on; people settle it in a case."""

    PLAIN: ClassVar = frozenset({"channel", "kind", "number", "case_number"})

    channel = models.CharField(max_length=40)
    day = models.DateField()
    kind = models.CharField(max_length=20, choices=_choices(DifferenceKind))
    number = models.CharField(max_length=80)
    ours_fen = models.BigIntegerField()
    theirs_fen = models.BigIntegerField()
    case_number = models.CharField(max_length=40, default="")
    case_id = models.BigIntegerField(null=True)
    found_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["channel", "kind", "number"],
                name="payments_difference_once",
                condition=Q(settled_at__isnull=True),
            ),
        )
