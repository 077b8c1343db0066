"""Tables of regions, organisations and what organisations were before."""

from typing import ClassVar

from django.db import models

from yiwang.kernel.orgs.contracts import Level


class Region(models.Model):
    """A division of one of the five levels, by its 12-digit code."""

    PLAIN: ClassVar = frozenset({"code", "name"})

    code = models.CharField(max_length=12, unique=True)
    name = models.CharField(max_length=80)
    level = models.PositiveSmallIntegerField(choices=[(level.value, level.name) for level in Level])
    parent = models.ForeignKey("self", models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = (
            models.CheckConstraint(condition=models.Q(code__regex=r"^\d{12}$"), name="region_code"),
            models.CheckConstraint(
                condition=models.Q(level__range=(Level.PROVINCE.value, Level.VILLAGE.value)),
                name="region_level",
            ),
        )
        indexes = (models.Index(fields=["name"], name="region_name"),)

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class Organisation(models.Model):
    """A body that acts: a bureau, a centre, a hospital. Its current state; the past is in OrgMove."""

    # The contact details are an office's own, published on every guide page.
    PLAIN: ClassVar = frozenset(
        {
            "uscc",
            "name",
            "short_name",
            "doc_mark",
            "kind",
            "path",
            "phone",
            "supervision_phone",
            "address",
        }
    )

    uscc = models.CharField(max_length=18, unique=True)
    name = models.CharField(max_length=120)
    short_name = models.CharField(max_length=40)
    doc_mark = models.CharField(max_length=20, default="")  # 机关代字
    kind = models.CharField(max_length=40)
    region = models.ForeignKey(Region, models.PROTECT, related_name="+")
    parent = models.ForeignKey("self", models.PROTECT, null=True, related_name="+")
    # Unique text gets Django's pattern index too: prefix search works under any collation.
    path = models.CharField(max_length=200, unique=True)
    phone = models.CharField(max_length=40, default="")
    supervision_phone = models.CharField(max_length=40, default="")
    address = models.CharField(max_length=200, default="")
    # Degrees of WGS 84; where the office stands is not known of every list.
    lon = models.FloatField(null=True)
    lat = models.FloatField(null=True)
    is_demo = models.BooleanField(default=False)
    opened_on = models.DateField()
    closed_on = models.DateField(null=True)

    class Meta:
        indexes = (
            models.Index(
                fields=["kind", "region"],
                condition=models.Q(closed_on__isnull=True),
                name="org_kind_region",
            ),
        )
        constraints = (
            models.CheckConstraint(condition=models.Q(path__regex=r"^(/\d+)+/$"), name="org_path"),
            models.CheckConstraint(
                condition=models.Q(closed_on__isnull=True) | models.Q(closed_on__gte=models.F("opened_on")),
                name="org_closed_after_opened",
            ),
        )

    def __str__(self) -> str:
        return self.name


class OrgMove(models.Model):
    """What an organisation is called and where it stands from a day on; never edited once applied."""

    PLAIN: ClassVar = frozenset({"name", "short_name", "doc_mark", "document_no"})

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    effective_on = models.DateField()
    name = models.CharField(max_length=120)
    short_name = models.CharField(max_length=40)
    doc_mark = models.CharField(max_length=20, default="")
    region = models.ForeignKey(Region, models.PROTECT, related_name="+")
    parent = models.ForeignKey(Organisation, models.PROTECT, null=True, related_name="+")
    document_no = models.CharField(max_length=80, default="")
    recorded_at = models.DateTimeField()
    applied_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["organisation", "effective_on"], name="org_one_move_a_day"),)
        indexes = (
            models.Index(
                fields=["effective_on"],
                condition=models.Q(applied_at__isnull=True),
                name="org_moves_waiting",
            ),
        )
