"""Releases of packs: rows that are written once and never changed."""

from typing import ClassVar

from django.db import models


class PackItem(models.Model):
    """One pack's content; the same content is stored once, whichever releases hold it."""

    PLAIN: ClassVar = frozenset({"kind", "pack_id", "title", "hash", "place", "path", "raw"})

    kind = models.CharField(max_length=60)
    pack_id = models.CharField(max_length=120)
    version = models.PositiveIntegerField()
    title = models.CharField(max_length=500)
    hash = models.CharField(max_length=64)
    # With the examples, which the hash leaves out; the first file that brought this content.
    place = models.CharField(max_length=120)
    path = models.CharField(max_length=500)
    # JSON as text: jsonb would lose the author's order of steps and fields.
    raw = models.TextField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=["kind", "pack_id", "hash"], name="packs_one_content"),)


class PackRelease(models.Model):
    """What was in force from a moment on; the highest id is in force now."""

    PLAIN: ClassVar = frozenset({"place", "hash", "loaded_by"})

    place = models.CharField(max_length=120)
    hash = models.CharField(max_length=64)
    loaded_at = models.DateTimeField()
    loaded_by = models.CharField(max_length=120)


class PackReleaseItem(models.Model):
    """That a release holds a content, and of which files it is made.

    `place` is set where the content is how a pack reads in one of several places served, and not how it reads in general.
    """

    PLAIN: ClassVar[frozenset[str]] = frozenset({"place", "layers"})

    release = models.ForeignKey(PackRelease, on_delete=models.PROTECT, related_name="+")
    item = models.ForeignKey(PackItem, on_delete=models.PROTECT, related_name="+")
    place = models.CharField(max_length=120, default="")
    layers = models.JSONField(default=list)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["release", "item", "place"], name="packs_once_in_a_release"),)
