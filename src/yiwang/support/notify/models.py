"""Messages in inboxes, and the text messages that went out for them."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from yiwang.kernel.base.fields import SealedJSONField, SealedTextField
from yiwang.support.notify.contracts import SmsState


class Message(models.Model):
    """One message to one reader: a party, or a member of staff by account. `key` keeps it from being sent twice."""

    PLAIN: ClassVar = frozenset({"key", "template", "case_number"})

    key = models.CharField(max_length=160)
    template = models.CharField(max_length=120)
    party = models.ForeignKey("people.Party", models.PROTECT, null=True, related_name="+", db_index=False)
    account = models.ForeignKey("people.Account", models.PROTECT, null=True, related_name="+", db_index=False)
    case_number = models.CharField(max_length=40, default="")
    wording = SealedJSONField()
    is_copy = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(party__isnull=False, account__isnull=True) | Q(party__isnull=True, account__isnull=False),
                name="notify_one_reader",
            ),
            models.UniqueConstraint(
                fields=["party", "key"], name="notify_party_once", condition=Q(party__isnull=False)
            ),
            models.UniqueConstraint(
                fields=["account", "key"], name="notify_account_once", condition=Q(account__isnull=False)
            ),
        )
        indexes = (
            models.Index(fields=["party", "-id"], name="notify_party_inbox"),
            models.Index(fields=["account", "-id"], name="notify_account_inbox"),
            models.Index(fields=["party"], name="notify_party_unread", condition=Q(read_at__isnull=True)),
            models.Index(fields=["account"], name="notify_account_unread", condition=Q(read_at__isnull=True)),
            models.Index(fields=["case_number"], name="notify_case"),
        )


class Sms(models.Model):
    """The text message of a message. `phone_index` counts what one number got in a day."""

    PLAIN: ClassVar = frozenset({"phone_index", "state", "trouble"})

    message = models.OneToOneField(Message, models.PROTECT, related_name="+")
    phone = SealedTextField()
    phone_index = models.CharField(max_length=64)
    state = models.CharField(max_length=12, choices=[(state.value, state.value) for state in SmsState])
    trouble = models.CharField(max_length=80, default="")
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        indexes = (models.Index(fields=["phone_index", "created_at"], name="notify_sms_of_phone"),)
