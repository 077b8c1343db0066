"""Orders and what the carrier said about them."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from yiwang.kernel.base.fields import SealedTextField
from yiwang.support.delivery.contracts import ParcelState


class Order(models.Model):
    """Papers of a case that go to one address."""

    PLAIN: ClassVar = frozenset({"case_number", "items", "state", "waybill_no"})

    case_number = models.CharField(max_length=40)
    org = models.ForeignKey("orgs.Organisation", models.PROTECT, related_name="+", db_index=False)
    recipient = SealedTextField()
    phone = SealedTextField()
    address = SealedTextField()
    items = ArrayField(models.CharField(max_length=60))
    state = models.CharField(max_length=12, choices=[(state.value, state.value) for state in ParcelState])
    waybill_no = models.CharField(max_length=40, default="")
    replaces = models.OneToOneField("self", models.PROTECT, null=True, related_name="+")
    ordered_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        indexes = (
            models.Index(fields=["case_number", "id"], name="delivery_order_case"),
            models.Index(fields=["id"], name="delivery_to_make_good", condition=Q(state__in=["lost", "refused"])),
        )


class Status(models.Model):
    """One thing the carrier said; kept in full, shown in the order in which it happened."""

    PLAIN: ClassVar = frozenset({"message_id", "state", "place"})

    order = models.ForeignKey(Order, models.PROTECT, related_name="+")
    message_id = models.CharField(max_length=80)
    state = models.CharField(max_length=12, choices=[(state.value, state.value) for state in ParcelState])
    sentence = SealedTextField()
    place = models.CharField(max_length=60, default="")
    occurred_at = models.DateTimeField()
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=["order", "message_id"], name="delivery_status_once"),)
