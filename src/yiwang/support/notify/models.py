"""Messages in inboxes, what went out for them on which channel, and what people choose."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from yiwang.kernel.base.fields import SealedJSONField, SealedTextField
from yiwang.support.notify.contracts import CampaignState, Channel, SmsState, State


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
    # Kept for the count of what was refused; nobody sees it in an inbox.
    is_declined = models.BooleanField(default=False, db_default=False)
    # Whose business it was, for reports.
    org_id = models.BigIntegerField(null=True)
    campaign = models.ForeignKey("notify.Campaign", models.PROTECT, null=True, related_name="+", db_index=False)
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
            models.Index(fields=["campaign", "id"], name="notify_of_campaign", condition=Q(campaign__isnull=False)),
            models.Index(fields=["org_id", "created_at"], name="notify_of_org"),
        )


class Campaign(models.Model):
    """群发: one template to an audience, composed by one person and approved by another."""

    PLAIN: ClassVar = frozenset(
        {"template", "template_hash", "facts", "audience", "filename", "audience_sha256", "state"}
    )

    org = models.ForeignKey("orgs.Organisation", models.PROTECT, related_name="+")
    template = models.CharField(max_length=120)
    template_hash = models.CharField(max_length=64)
    facts = models.JSONField(default=dict)
    audience = models.CharField(max_length=120, default="")
    filename = models.CharField(max_length=200, default="")
    audience_sha256 = models.CharField(max_length=64)
    state = models.CharField(max_length=10, choices=[(each.value, each.value) for each in CampaignState])
    total = models.PositiveIntegerField()
    wrong = models.PositiveIntegerField()
    sent = models.PositiveIntegerField(default=0)
    made_by = models.BigIntegerField(null=True)
    made_at = models.DateTimeField()
    decided_by = models.BigIntegerField(null=True)
    decided_at = models.DateTimeField(null=True)
    next_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        indexes = (models.Index(fields=["org", "-id"], name="notify_campaigns_of_org"),)


class Recipient(models.Model):
    """A line of a campaign's audience; with its message it was sent, with a problem it is left out."""

    PLAIN: ClassVar = frozenset({"problem"})

    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="+", db_index=False)
    line = models.PositiveIntegerField()
    party = models.ForeignKey("people.Party", models.PROTECT, null=True, related_name="+", db_index=False)
    problem = models.CharField(max_length=80, default="")
    message_id = models.BigIntegerField(null=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["campaign", "line"], name="notify_recipient_line"),)
        indexes = (
            models.Index(
                fields=["campaign", "line"], name="notify_recipient_waiting", condition=Q(message_id=None, problem="")
            ),
        )


class Delivery(models.Model):
    """A message on one channel that leaves the site. `address_index` counts what one address got in a day."""

    PLAIN: ClassVar = frozenset({"channel", "address_index", "state", "trouble"})

    message = models.ForeignKey(Message, models.PROTECT, related_name="+", db_index=False)
    channel = models.CharField(max_length=8, choices=[(each.value, each.value) for each in Channel])
    address = SealedTextField(null=True)
    address_index = models.CharField(max_length=64, default="")
    state = models.CharField(max_length=12, choices=[(each.value, each.value) for each in State])
    trouble = models.CharField(max_length=80, default="")
    # Counts how often staff had it sent again: each time it is a new message to the carrier.
    again = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=["message", "channel"], name="notify_channel_once"),)
        indexes = (
            models.Index(fields=["address_index", "created_at"], name="notify_sent_to"),
            models.Index(fields=["-id"], name="notify_dead_letters", condition=Q(state__in=("failed", "undelivered"))),
            models.Index(fields=["created_at"], name="notify_delivery_day"),
        )


class Preference(models.Model):
    """What a person or firm chose: `off` lists `category:channel`. An address counts once its owner has confirmed it."""

    PLAIN: ClassVar = frozenset({"off", "language", "email_index", "token_hash", "site"})

    party = models.OneToOneField("people.Party", models.PROTECT, primary_key=True, related_name="+")
    off = ArrayField(models.CharField(max_length=80), default=list)
    language = models.CharField(max_length=2, default="zh")
    quiet_from = models.TimeField(null=True)
    quiet_until = models.TimeField(null=True)
    email = SealedTextField(null=True)
    email_index = models.CharField(max_length=64, default="")
    token_hash = models.CharField(max_length=64, default="", db_index=True)
    asked_at = models.DateTimeField(null=True)
    confirmed_at = models.DateTimeField(null=True)
    # Where the links of its letters lead: the site on which it was confirmed.
    site = models.CharField(max_length=200, default="")
    changed_at = models.DateTimeField()


class Sms(models.Model):
    """The text message of a message as the release before 0214 kept it: read, and its receipts taken, until they are forgotten."""

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


class Subscription(models.Model):
    """A system of the place that is called when something happens in cases that its account may see."""

    PLAIN: ClassVar = frozenset({"url", "kinds", "ending"})

    org = models.ForeignKey("orgs.Organisation", models.PROTECT, related_name="+")
    account = models.ForeignKey("people.Account", models.PROTECT, related_name="+")
    url = models.CharField(max_length=400)
    secret = SealedTextField()
    kinds = ArrayField(models.CharField(max_length=40))
    # In a row.
    failures = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    ending = models.CharField(max_length=12, default="")


class Call(models.Model):
    """One event for one subscription; its number stays over all attempts, so that the other side can tell a repeat."""

    PLAIN: ClassVar = frozenset({"kind", "body", "trouble"})

    subscription = models.ForeignKey(Subscription, models.PROTECT, related_name="+")
    number = models.UUIDField(unique=True)
    kind = models.CharField(max_length=40)
    body = models.JSONField()
    attempts = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField(null=True)
    is_taken = models.BooleanField(default=False)
    trouble = models.CharField(max_length=80, default="")
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        indexes = (models.Index(fields=["next_at"], name="notify_call_due", condition=Q(next_at__isnull=False)),)
