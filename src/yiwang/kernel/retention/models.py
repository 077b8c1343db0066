"""What was erased where the row itself stays."""

from typing import ClassVar

from django.db import models


class Erased(models.Model):
    """The content of one thing of a store is gone, under a policy, proved by a leaf of the ledger."""

    PLAIN: ClassVar = frozenset({"store", "policy"})

    store = models.CharField(max_length=60)
    number = models.BigIntegerField()
    policy = models.CharField(max_length=120)
    leaf = models.ForeignKey("ledger.Leaf", models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=["store", "number"], name="retention_erased_once"),)
