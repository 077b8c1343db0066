"""Tables of incidents, of what was reported under each, of arrivals on the spot, and of the census of components."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q

from yiwang.governance.incidents.contracts import Channel, Scope
from yiwang.kernel.base.fields import SealedTextField

_SCOPES = [(each.value, each.name) for each in Scope]


class Component(models.Model):
    """城市部件: a manhole cover, a lamp, a bench, with the mark that stands on it."""

    PLAIN: ClassVar = frozenset({"mark", "name", "code", "region_code", "grid_code", "owner"})

    mark = models.CharField(max_length=16, unique=True)
    name = models.CharField(max_length=80)
    code = models.CharField(max_length=4)
    region_code = models.CharField(max_length=12)
    grid_code = models.CharField(max_length=15)
    owner = models.CharField(max_length=120, default="")  # 权属单位
    lon = models.FloatField()
    lat = models.FloatField()
    surveyed_on = models.DateField()

    class Meta:
        constraints = (models.CheckConstraint(condition=Q(mark__regex=r"^\d{16}$"), name="incidents_mark"),)
        indexes = (models.Index(fields=["grid_code", "code"], name="incidents_component_grid"),)


class Incident(models.Model):
    """What is wrong, once, however many report it; its course is its case."""

    PLAIN: ClassVar = frozenset({"code", "scope", "kind", "title", "region_code", "grid_code", "figures"})

    code = models.CharField(max_length=16)
    scope = models.CharField(max_length=10, choices=_SCOPES)
    kind = models.CharField(max_length=4)  # 大类 and 小类
    title = models.CharField(max_length=120)
    case = models.OneToOneField("cases.Case", models.PROTECT, related_name="+")
    org = models.ForeignKey("orgs.Organisation", models.PROTECT, related_name="+")
    region_code = models.CharField(max_length=12)
    grid_code = models.CharField(max_length=15, default="")
    # A ticket may know the village only.
    lon = models.FloatField(null=True)
    lat = models.FloatField(null=True)
    place = SealedTextField(null=True)
    component = models.ForeignKey(Component, models.PROTECT, null=True, related_name="+")
    unit_ids = ArrayField(models.BigIntegerField(), default=list)
    called_ids = ArrayField(models.BigIntegerField(), default=list)
    opened_at = models.DateTimeField()
    merged_into = models.ForeignKey("self", models.PROTECT, null=True, related_name="+")
    score = models.PositiveSmallIntegerField(null=True)
    figures = models.JSONField(default=dict)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["code"], name="incidents_unique_code"),
            models.CheckConstraint(condition=Q(code__regex=r"^\d{16}$"), name="incidents_code"),
            models.CheckConstraint(
                condition=Q(lon__isnull=True, lat__isnull=True) | Q(lon__isnull=False, lat__isnull=False),
                name="incidents_both_or_none",
            ),
        )
        indexes = (
            models.Index(fields=["kind", "scope", "opened_at"], name="incidents_alike"),
            models.Index(fields=["org", "opened_at"], name="incidents_by_org"),
            models.Index(fields=["opened_at", "id"], name="incidents_newest"),
            GinIndex(fields=["unit_ids"], name="incidents_units"),
        )


class Report(models.Model):
    """What one person saw, in their words; stays visible under the incident it belongs to."""

    PLAIN: ClassVar = frozenset({"channel", "key"})

    incident = models.ForeignKey(Incident, models.PROTECT, related_name="reports")
    account = models.ForeignKey("people.Account", models.PROTECT, null=True, related_name="+")
    channel = models.CharField(max_length=10, choices=[(each.value, each.name) for each in Channel])
    key = models.CharField(max_length=64)
    words = SealedTextField(null=True)
    place = SealedTextField(null=True)
    lon = models.FloatField(null=True)
    lat = models.FloatField(null=True)
    photos = ArrayField(models.BigIntegerField(), default=list)
    photos_after = ArrayField(models.BigIntegerField(), default=list)
    is_first = models.BooleanField(default=False)
    seen_at = models.DateTimeField()
    received_at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=["account", "key"], name="incidents_one_report_a_key"),)
        indexes = (models.Index(fields=["account", "id"], name="incidents_reports_of"),)


class Arrival(models.Model):
    """到场: who was there when, and how far from the spot."""

    PLAIN: ClassVar[frozenset[str]] = frozenset()

    incident = models.ForeignKey(Incident, models.PROTECT, related_name="arrivals")
    org = models.ForeignKey("orgs.Organisation", models.PROTECT, related_name="+")
    account = models.ForeignKey("people.Account", models.PROTECT, null=True, related_name="+")
    lon = models.FloatField(null=True)
    lat = models.FloatField(null=True)
    distance_m = models.PositiveIntegerField(null=True)
    arrived_at = models.DateTimeField()
