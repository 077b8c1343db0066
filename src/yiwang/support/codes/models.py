"""Keys of codes, and scans: who scanned what in which scene."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from yiwang.kernel.base.fields import SealedTextField


class CodeKey(models.Model):
    """A key that signs codes. `blind` hides in the handle of a code who shows it."""

    PLAIN: ClassVar = frozenset({"kid", "use", "public"})

    kid = models.CharField(max_length=16, unique=True)
    use = models.CharField(max_length=8)
    public = models.JSONField()
    private = SealedTextField()
    blind = SealedTextField()
    made_at = models.DateTimeField()
    signs_from = models.DateTimeField()
    # From then on its codes are refused.
    retired_at = models.DateTimeField(null=True)

    class Meta:
        indexes = (models.Index(fields=["use", "-signs_from"], name="codes_key_in_use"),)


class Scan(models.Model):
    """A code that somebody scanned: what the scene let them learn is named, the values themselves are not kept."""

    PLAIN: ClassVar = frozenset({"scene_id", "scene_hash", "handle", "key", "subject_key", "learned"})

    scene_id = models.CharField(max_length=120)
    scene_hash = models.CharField(max_length=64)
    handle = models.CharField(max_length=32)
    is_once = models.BooleanField()
    # The gate's own number of an offline scan.
    key = models.CharField(max_length=64, blank=True, default="")
    subject_key = models.CharField(max_length=64)
    shown_by = models.BigIntegerField()
    account_id = models.BigIntegerField(null=True)
    org = models.ForeignKey("orgs.Organisation", models.PROTECT, related_name="+")
    learned = ArrayField(models.CharField(max_length=80))
    is_offline = models.BooleanField()
    at = models.DateTimeField()
    taken_at = models.DateTimeField()
    until = models.DateField()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["scene_id", "handle"], condition=Q(is_once=True), name="codes_once_in_a_scene"
            ),
            models.UniqueConstraint(
                fields=["account_id", "scene_id", "key"], condition=~Q(key=""), name="codes_offline_scan_once"
            ),
        )
        indexes = (
            models.Index(fields=["subject_key", "-id"], name="codes_scans_of_subject"),
            models.Index(fields=["until"], name="codes_scans_until"),
        )
