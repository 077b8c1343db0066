"""Drafts, and objections to what registers hold."""

from typing import ClassVar

from django.db import models

from yiwang.kernel.base.fields import SealedJSONField, SealedTextField


class Draft(models.Model):
    """Answers that were saved without being asked for, of one account for one principal."""

    PLAIN: ClassVar = frozenset({"form_id", "key", "page"})

    form_id = models.CharField(max_length=120)
    key = models.CharField(max_length=120)
    account_id = models.BigIntegerField()
    party_id = models.BigIntegerField()
    answers = SealedJSONField()
    saved_at = models.DateTimeField(db_index=True)
    # Which page saved it last, and how many times that page had: an earlier one of the same page comes too late.
    page = models.CharField(max_length=32, default="", db_default="")
    saving = models.PositiveIntegerField(default=0, db_default=0)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["account_id", "party_id", "form_id", "key"], name="forms_one_draft"),
        )


class Objection(models.Model):
    """A value that its person says is wrong; the register's owner answers it, the form goes on meanwhile."""

    PLAIN: ClassVar = frozenset({"form_id", "field", "element", "source", "subject_key"})

    form_id = models.CharField(max_length=120)
    field = models.CharField(max_length=80)
    element = models.CharField(max_length=120)
    source = models.CharField(max_length=80)
    party = models.ForeignKey("people.Party", null=True, on_delete=models.PROTECT, related_name="+")
    account_id = models.BigIntegerField(null=True)
    # Whose record it is: the applicant's own, or that of one whom the form is about.
    subject_key = models.CharField(max_length=64, default="")
    held = SealedTextField()
    claimed = SealedTextField()
    words = SealedTextField()
    raised_at = models.DateTimeField(db_index=True)
