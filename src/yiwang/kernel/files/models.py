"""One row per stored file; the content stands in YIWANG_FILES under its SHA-256."""

from typing import ClassVar

from django.db import models

from yiwang.kernel.base.fields import SealedTextField


class StoredFile(models.Model):
    """A file someone handed in or the house made. Never changed; `filename` is sealed because people put names in it."""

    PLAIN: ClassVar = frozenset({"sha256", "media_type", "purpose"})

    sha256 = models.CharField(max_length=64, db_index=True)
    media_type = models.CharField(max_length=100)
    size_bytes = models.PositiveIntegerField()
    filename = SealedTextField()
    purpose = models.CharField(max_length=60)
    owner_party = models.ForeignKey("people.Party", null=True, on_delete=models.PROTECT, related_name="+")
    account_id = models.BigIntegerField(null=True)
    stored_at = models.DateTimeField()

    class Meta:
        indexes = (models.Index(fields=["account_id", "stored_at"], name="files_by_account_and_day"),)
