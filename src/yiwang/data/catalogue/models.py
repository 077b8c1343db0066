"""Tables of the catalogue: systems, resources with their items, and every revision of each."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Func, Q

from yiwang.data.catalogue.contracts import (
    Cycle,
    Grade,
    ListingState,
    Opening,
    Origin,
    RequestKind,
    RequestOutcome,
    Shape,
    Sharing,
    State,
    TaskState,
)

# The length of the title as a list of one, so that one index gives the entries of some pieces and some lengths.
_ALONE = Func(F("weight"), function="ARRAY", template="%(function)s[%(expressions)s]")


class System(models.Model):
    """信息系统: where resources are kept."""

    PLAIN: ClassVar = frozenset({"code", "name"})

    code = models.CharField(max_length=120, unique=True)
    name = models.CharField(max_length=120)
    org = models.ForeignKey("orgs.Organisation", models.PROTECT, related_name="+")
    since = models.DateField(null=True)
    retired_on = models.DateField(null=True)

    def __str__(self) -> str:
        return self.code


class Resource(models.Model):
    """信息资源: one entry of the catalogue as it stands; how it came to be is in its revisions."""

    # `contact` is an office and `phone` an office's: people are found through their posts.
    PLAIN: ClassVar = frozenset(
        {"code", "title", "summary", "shape", "sharing", "sharing_condition", "refusal_basis", "ways", "opening"}
        | {"opening_condition", "update_cycle", "grade", "contact", "phone", "keywords", "matters", "lake_table"}
        | {"state", "origin", "retired_because", "words"}
    )

    code = models.CharField(max_length=120, unique=True)
    org = models.ForeignKey("orgs.Organisation", models.PROTECT, related_name="+")
    system = models.ForeignKey(System, models.PROTECT, null=True, related_name="resources")
    title = models.CharField(max_length=120)
    summary = models.CharField(max_length=1000)
    shape = models.CharField(max_length=10, choices=[(e.value, e.label) for e in Shape])
    sharing = models.CharField(max_length=14, choices=[(e.value, e.label) for e in Sharing])
    sharing_condition = models.CharField(max_length=400, default="")
    refusal_basis = models.CharField(max_length=400, default="")
    ways = ArrayField(models.CharField(max_length=10), default=list)
    opening = models.CharField(max_length=10, choices=[(e.value, e.label) for e in Opening])
    opening_condition = models.CharField(max_length=400, default="")
    update_cycle = models.CharField(max_length=10, choices=[(e.value, e.label) for e in Cycle])
    grade = models.CharField(max_length=10, choices=[(e.value, e.label) for e in Grade])
    contact = models.CharField(max_length=80, default="")
    phone = models.CharField(max_length=40, default="")
    keywords = ArrayField(models.CharField(max_length=40), default=list)
    matters = ArrayField(models.CharField(max_length=120), default=list)
    lake_table = models.CharField(max_length=140, default="")
    state = models.CharField(max_length=10, choices=[(e.value, e.label) for e in State])
    origin = models.CharField(max_length=10, choices=[(e.value, e.label) for e in Origin])
    revision = models.PositiveIntegerField()
    item_count = models.PositiveSmallIntegerField()
    published_on = models.DateField(null=True)
    revised_at = models.DateTimeField()
    retired_at = models.DateTimeField(null=True)
    retired_because = models.CharField(max_length=400, default="")
    # For lists and search: what it is found by, and the shortest titles first.
    words = ArrayField(models.CharField(max_length=120), default=list)
    weight = models.PositiveSmallIntegerField()

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=~Q(sharing="refused") | ~Q(refusal_basis=""), name="catalogue_refusal_names_its_law"
            ),
            models.CheckConstraint(
                condition=Q(state="retired", retired_at__isnull=False)
                | (~Q(state="retired") & Q(retired_at__isnull=True)),
                name="catalogue_retired_when",
            ),
            models.UniqueConstraint(
                fields=["lake_table"],
                condition=~Q(lake_table="") & ~Q(state="retired"),
                name="catalogue_one_of_a_table",
            ),
        )
        indexes = (
            GinIndex("words", _ALONE, name="catalogue_found", fastupdate=False),
            models.Index(fields=["state", "weight", "id"], name="catalogue_shortest"),
            models.Index(fields=["org", "state", "weight", "id"], name="catalogue_of_org"),
        )

    def __str__(self) -> str:
        return self.code


class Item(models.Model):
    """信息项 of a resource as it stands."""

    PLAIN: ClassVar = frozenset({"name", "title", "element_id", "type", "sensitivity", "note"})

    resource = models.ForeignKey(Resource, models.CASCADE, related_name="items")
    position = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=80)
    title = models.CharField(max_length=80)
    element_id = models.CharField(max_length=120, default="")
    type = models.CharField(max_length=12)
    length = models.PositiveIntegerField(null=True)
    is_key = models.BooleanField(default=False)
    sensitivity = models.CharField(max_length=10)
    note = models.CharField(max_length=200, default="")

    class Meta:
        constraints = (models.UniqueConstraint(fields=["resource", "name"], name="catalogue_item_once"),)
        indexes = (models.Index(fields=["element_id", "resource"], name="catalogue_items_of_element"),)


class Revision(models.Model):
    """What an entry said from a moment on, and what that changed, in words; never edited."""

    PLAIN: ClassVar = frozenset({"origin", "content", "words"})

    resource = models.ForeignKey(Resource, models.PROTECT, related_name="revisions")
    number = models.PositiveIntegerField()
    origin = models.CharField(max_length=10, choices=[(e.value, e.label) for e in Origin])
    content = models.JSONField()
    words = ArrayField(models.CharField(max_length=600), default=list)
    case = models.ForeignKey("cases.Case", models.PROTECT, null=True, related_name="+")
    recorded_at = models.DateTimeField()
    recorded_by = models.BigIntegerField(null=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["resource", "number"], name="catalogue_revision_number"),)


class Authority(models.Model):
    """一数一源: the one unit that answers for an element, and the resource in which it does."""

    PLAIN: ClassVar = frozenset({"element_id", "basis"})

    element_id = models.CharField(max_length=120)
    org = models.ForeignKey("orgs.Organisation", models.PROTECT, related_name="+")
    resource = models.ForeignKey(Resource, models.PROTECT, related_name="authorities")
    basis = models.CharField(max_length=400)
    since = models.DateField()
    until = models.DateField(null=True)
    case = models.ForeignKey("cases.Case", models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["element_id"], condition=Q(until=None), name="catalogue_one_source"),
        )
        indexes = (models.Index(fields=["org", "element_id"], name="catalogue_sources_of_org"),)


class Request(models.Model):
    """What a unit asks for in the catalogue: a change of an entry, to be the source of an element, data of another unit."""

    PLAIN: ClassVar = frozenset({"kind", "code", "element_id", "title", "reason", "content", "words", "outcome"})

    kind = models.CharField(max_length=8, choices=[(e.value, e.label) for e in RequestKind])
    org = models.ForeignKey("orgs.Organisation", models.PROTECT, related_name="+")
    answering = models.ForeignKey("orgs.Organisation", models.PROTECT, related_name="+")
    resource = models.ForeignKey(Resource, models.PROTECT, null=True, related_name="requests")
    code = models.CharField(max_length=120, default="")
    element_id = models.CharField(max_length=120, default="")
    title = models.CharField(max_length=120)
    reason = models.CharField(max_length=1000, default="")
    # A change without content retires the entry.
    content = models.JSONField(null=True)
    words = ArrayField(models.CharField(max_length=600), default=list)
    base_revision = models.PositiveIntegerField(null=True)
    case = models.OneToOneField("cases.Case", models.PROTECT, related_name="+")
    outcome = models.CharField(
        max_length=8, default=RequestOutcome.OPEN, choices=[(e.value, e.label) for e in RequestOutcome]
    )
    asked_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["code"], condition=Q(kind="change", outcome="open"), name="catalogue_one_change_at_once"
            ),
            models.UniqueConstraint(
                fields=["element_id"], condition=Q(kind="claim", outcome="open"), name="catalogue_one_claim_at_once"
            ),
        )
        indexes = (
            models.Index(fields=["kind", "outcome", "-id"], name="catalogue_requests"),
            models.Index(fields=["org", "outcome"], name="catalogue_requests_of"),
            models.Index(fields=["answering", "outcome"], name="catalogue_requests_to"),
        )


class Listing(models.Model):
    """报送清单: a unit's file as it was read, before it is asked for; `entries` [{line, code, content, words}], `problems` [[line, words]]."""

    PLAIN: ClassVar = frozenset({"name", "entries", "problems", "state"})

    org = models.ForeignKey("orgs.Organisation", models.PROTECT, related_name="+")
    name = models.CharField(max_length=120)
    entries = models.JSONField(default=list)
    problems = models.JSONField(default=list)
    unchanged = models.PositiveIntegerField(default=0)
    state = models.CharField(
        max_length=8, default=ListingState.READ, choices=[(e.value, e.label) for e in ListingState]
    )
    read_at = models.DateTimeField()
    asked_at = models.DateTimeField(null=True)


class Census(models.Model):
    """普查: a campaign that asks units what they have."""

    PLAIN: ClassVar = frozenset({"title", "words"})

    title = models.CharField(max_length=80)
    words = models.CharField(max_length=1000, default="")
    org = models.ForeignKey("orgs.Organisation", models.PROTECT, related_name="+")
    case = models.OneToOneField("cases.Case", models.PROTECT, null=True, related_name="+")
    opened_at = models.DateTimeField()


class CensusTask(models.Model):
    """One unit's part of a census: what it said of each entry, and what it has besides."""

    PLAIN: ClassVar = frozenset({"state", "answer"})

    census = models.ForeignKey(Census, models.PROTECT, related_name="tasks")
    org = models.ForeignKey("orgs.Organisation", models.PROTECT, related_name="+")
    case = models.OneToOneField("cases.Case", models.PROTECT, related_name="+")
    state = models.CharField(max_length=8, default=TaskState.WAITING, choices=[(e.value, e.label) for e in TaskState])
    answer = models.JSONField(default=dict)
    filled_at = models.DateTimeField(null=True)
    taken_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["census", "org"], name="catalogue_asked_once"),)
        indexes = (models.Index(fields=["org", "state"], name="catalogue_census_of_org"),)
