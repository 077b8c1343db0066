"""Tables of grids, of who walks them, and of standard addresses."""

from typing import ClassVar

from django.contrib.postgres.indexes import GistIndex
from django.db import models
from django.db.models import F, Func, Q

_CORNERS = (
    Func(F("west"), F("south"), function="point"),
    Func(F("east"), F("north"), function="point"),
)


class Grid(models.Model):
    """A grid with the outline it has from a day on; the box around it is what the index holds."""

    PLAIN: ClassVar = frozenset({"code", "name", "region_code", "outline"})

    code = models.CharField(max_length=15)
    name = models.CharField(max_length=80)
    region_code = models.CharField(max_length=12)
    outline = models.JSONField()
    west = models.FloatField()
    south = models.FloatField()
    east = models.FloatField()
    north = models.FloatField()
    lon = models.FloatField()
    lat = models.FloatField()
    since = models.DateField()
    until = models.DateField(null=True)

    class Meta:
        constraints = (
            models.CheckConstraint(condition=Q(code__regex=r"^\d{15}$"), name="places_grid_code"),
            models.CheckConstraint(
                condition=Q(west__gte=-180, west__lte=F("east"), east__lte=180)
                & Q(south__gte=-90, south__lte=F("north"), north__lte=90),
                name="places_grid_on_earth",
            ),
            models.UniqueConstraint(fields=["code"], condition=Q(until=None), name="places_one_grid_a_code"),
            models.UniqueConstraint(fields=["code", "since"], name="places_one_outline_a_day"),
        )
        indexes = (
            GistIndex(Func(*_CORNERS, function="box"), name="places_grid_box"),
            models.Index(fields=["region_code", "code"], name="places_grid_region"),
        )

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class GridDuty(models.Model):
    """Who answers for a grid; by its code, so that a redrawn outline keeps its people."""

    PLAIN: ClassVar = frozenset({"grid_code"})

    account = models.ForeignKey("people.Account", models.PROTECT, related_name="+")
    grid_code = models.CharField(max_length=15)
    since = models.DateField()
    until = models.DateField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["account", "grid_code"], condition=Q(until=None), name="places_one_running_duty"
            ),
            models.CheckConstraint(
                condition=Q(until=None) | Q(until__gte=F("since")), name="places_duty_ends_after_it_began"
            ),
        )
        indexes = (models.Index(fields=["grid_code"], name="places_duty_grid"),)


class AddressEntry(models.Model):
    """A door plate or a named site, as the register of addresses has it."""

    # The address of a door is on its plate; who lives behind it stands elsewhere, sealed.
    PLAIN: ClassVar = frozenset({"text", "region_code", "road", "number", "title"})

    text = models.CharField(max_length=200, unique=True)
    region_code = models.CharField(max_length=12, db_index=True)
    road = models.CharField(max_length=40, default="")
    number = models.CharField(max_length=20, default="")
    title = models.CharField(max_length=60, default="")
    lon = models.FloatField()
    lat = models.FloatField()

    class Meta:
        indexes = (
            models.Index(fields=["road", "number", "id"], condition=~Q(road=""), name="places_address_door"),
            models.Index(fields=["title", "id"], condition=~Q(title=""), name="places_address_title"),
        )
        constraints = (
            models.CheckConstraint(
                condition=Q(lon__gte=-180, lon__lte=180, lat__gte=-90, lat__lte=90), name="places_address_on_earth"
            ),
        )
