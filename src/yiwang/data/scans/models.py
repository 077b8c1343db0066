"""Batches of scans, pages, what was read on them, who confirmed it, and what went on to ingest."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from yiwang.data.scans.contracts import Act, Doubt, Held, Stand
from yiwang.kernel.base.fields import SealedTextField


class Batch(models.Model):
    """Pictures handed in together, known by the digest of their contents: the same again is the same batch."""

    PLAIN: ClassVar = frozenset({"form_id", "form_hash", "resource", "digest"})

    form_id = models.CharField(max_length=120)
    form_hash = models.CharField(max_length=64)
    resource = models.CharField(max_length=100)
    digest = models.CharField(max_length=64)
    title = SealedTextField()  # a folder's name may name somebody
    pages = models.PositiveIntegerField()
    account_id = models.BigIntegerField(null=True)
    handed_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)
    # The pictures and what was read on them go after this day.
    kept_until = models.DateField(null=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["form_id", "digest"], name="scans_batch_once"),)
        indexes = (models.Index(fields=["-handed_at", "-id"], name="scans_batch_recent"),)


class Part(models.Model):
    """Ready pages of a batch that went on to ingest together; `ingest_batch` is the delivery that they became."""

    batch = models.ForeignKey(Batch, models.PROTECT, related_name="parts")
    number = models.PositiveIntegerField()
    ingest_batch = models.BigIntegerField(null=True)
    rows = models.PositiveIntegerField(default=0)
    left_out = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["batch", "number"], name="scans_part_once"),)


class Page(models.Model):
    """One picture. `reference` goes with its rows through the lake, so that each leads back here."""

    PLAIN: ClassVar = frozenset({"sha256", "stand"})

    batch = models.ForeignKey(Batch, models.PROTECT, related_name="found")
    number = models.PositiveIntegerField()
    origin = SealedTextField()
    file = models.ForeignKey("files.StoredFile", models.PROTECT, related_name="+")
    sha256 = models.CharField(max_length=64)
    stand = models.CharField(max_length=12, choices=[(each.value, each.value) for each in Stand])
    reason = SealedTextField()
    width = models.PositiveIntegerField(default=0)
    height = models.PositiveIntegerField(default=0)
    attempts = models.PositiveSmallIntegerField(default=0)
    # Who has the page at hand, and until when; who settled its fields last: another must check it.
    taken_by = models.BigIntegerField(null=True)
    taken_until = models.DateTimeField(null=True)
    settled_by = models.BigIntegerField(null=True)
    is_checked = models.BooleanField(default=False)
    part = models.ForeignKey(Part, models.PROTECT, null=True, related_name="pages")

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["batch", "number"], name="scans_page_once"),
            models.CheckConstraint(condition=Q(stand__in=[str(each) for each in Stand]), name="scans_page_stand"),
            models.CheckConstraint(condition=Q(part=None) | Q(stand="ready"), name="scans_only_ready_pages_go_on"),
        )
        indexes = (
            models.Index(fields=["batch", "stand", "number"], name="scans_page_waiting"),
            models.Index(fields=["sha256"], name="scans_page_content"),
        )

    @property
    def reference(self) -> str:
        return f"{self.batch_id}-{self.number}"


class Cell(models.Model):
    """A field of a row of a page: the value as it stands now, and as the machine read it."""

    PLAIN: ClassVar = frozenset({"column", "box", "held", "doubt", "words"})

    page = models.ForeignKey(Page, models.PROTECT, related_name="cells")
    row = models.PositiveSmallIntegerField()
    place = models.PositiveSmallIntegerField()
    column = models.CharField(max_length=100)
    value = SealedTextField()
    found = SealedTextField()
    confidence = models.PositiveSmallIntegerField()
    box = models.JSONField(null=True)
    held = models.CharField(max_length=12, choices=[(each.value, each.value) for each in Held])
    doubt = models.CharField(max_length=12, default="", choices=[(each.value, each.value) for each in Doubt])
    words = models.CharField(max_length=300, default="")
    is_corrected = models.BooleanField(default=False)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["page", "row", "column"], name="scans_cell_once"),
            models.CheckConstraint(condition=Q(held__in=[str(each) for each in Held]), name="scans_cell_held"),
            models.CheckConstraint(condition=Q(confidence__lte=100), name="scans_cell_percent"),
        )


class Deed(models.Model):
    """Who did what to a page or one of its fields, and when; only ever added."""

    PLAIN: ClassVar = frozenset({"act", "column"})

    page = models.ForeignKey(Page, models.PROTECT, related_name="deeds")
    row = models.PositiveSmallIntegerField(default=0)
    column = models.CharField(max_length=100, default="")
    act = models.CharField(max_length=12, choices=[(each.value, each.value) for each in Act])
    before = SealedTextField()
    after = SealedTextField()
    account_id = models.BigIntegerField(null=True)
    at = models.DateTimeField()
