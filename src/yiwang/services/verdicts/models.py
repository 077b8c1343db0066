"""What was decided by rule: the verdict, whether it was acted upon, and the draw for a spot check; none is ever changed."""

from typing import ClassVar

from django.db import models

from yiwang.kernel.base.fields import SealedJSONField
from yiwang.kernel.rules.contracts import Answer
from yiwang.services.verdicts.contracts import Left


class Verdict(models.Model):
    """What a rule came to at one open step of a case, by which facts; one for each task."""

    PLAIN: ClassVar = frozenset(
        {"step", "choice", "decision_id", "decision_hash", "matter_id", "rule_id", "rule_hash", "answer", "left"}
        | {"grounds", "sources", "rule_title"}
    )

    case = models.ForeignKey("cases.Case", models.PROTECT, related_name="+")
    task = models.OneToOneField("cases.Task", models.PROTECT, related_name="+")
    org = models.ForeignKey("orgs.Organisation", models.PROTECT, related_name="+")
    step = models.CharField(max_length=40)
    choice = models.CharField(max_length=40)
    decision_id = models.CharField(max_length=120)
    decision_hash = models.CharField(max_length=64)
    matter_id = models.CharField(max_length=120)
    rule_id = models.CharField(max_length=120)
    rule_title = models.JSONField()
    rule_version = models.PositiveIntegerField()
    rule_hash = models.CharField(max_length=64)
    on = models.DateField()
    facts = SealedJSONField()
    # Fact: where it came from. No values.
    sources = models.JSONField(default=dict)
    answer = models.CharField(max_length=8, choices=[(a.value, a.name) for a in Answer])
    # Sentences of conditions, never what somebody is or has.
    grounds = models.JSONField(default=list)
    outputs = SealedJSONField()
    left = models.CharField(max_length=10, default="", choices=[(each.value, each.name) for each in Left])
    leaf_id = models.BigIntegerField()
    given_at = models.DateTimeField()

    class Meta:
        indexes = (
            models.Index(fields=["org", "given_at"], name="verdicts_by_org"),
            models.Index(fields=["rule_id", "id"], name="verdicts_by_rule"),
        )


class Act(models.Model):
    """That a verdict the machine could act upon was: the choice taken, or why it could not be."""

    PLAIN: ClassVar = frozenset({"left"})

    verdict = models.OneToOneField(Verdict, models.PROTECT, related_name="+")
    is_taken = models.BooleanField()
    left = models.CharField(max_length=10, default="", choices=[(each.value, each.name) for each in Left])
    leaf_id = models.BigIntegerField(null=True)
    at = models.DateTimeField()

    class Meta:
        indexes = (models.Index(fields=["id"], condition=models.Q(is_taken=True), name="verdicts_taken"),)


class Draw(models.Model):
    """The draw of one decision for a spot check: from the first checkpoint over the leaf of its act."""

    PLAIN: ClassVar = frozenset({"root"})

    act = models.OneToOneField(Act, models.PROTECT, related_name="+")
    tree_size = models.BigIntegerField()
    root = models.CharField(max_length=128)
    share = models.PositiveSmallIntegerField()
    lot = models.PositiveIntegerField()
    is_drawn = models.BooleanField()
    check_case = models.ForeignKey("cases.Case", models.PROTECT, null=True, related_name="+")
    leaf_id = models.BigIntegerField()
    drawn_at = models.DateTimeField()
