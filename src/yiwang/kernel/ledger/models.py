"""Leaves (inserted by actions), entries (numbered by the sequencer), stored tree nodes and checkpoints."""

from typing import ClassVar

from django.db import models

from yiwang.kernel.base.fields import SealedTextField


class Leaf(models.Model):
    """A public envelope: kind, salted digest of the subject, salted commitment to the content, time."""

    PLAIN: ClassVar = frozenset({"algorithm", "kind", "subject", "subject_index", "commitment"})

    algorithm = models.CharField(max_length=10)
    kind = models.CharField(max_length=80)
    subject = models.CharField(max_length=64)
    # For look-up inside the house only: a keyed index, never shown, so that outsiders cannot link leaves.
    subject_index = models.CharField(max_length=64)
    commitment = models.CharField(max_length=64)
    recorded_at = models.DateTimeField()

    class Meta:
        indexes = (models.Index(fields=["subject_index", "id"], name="ledger_leaf_subject"),)


class LeafContent(models.Model):
    """What a leaf commits to; the only ledger table from which rows are erased."""

    PLAIN: ClassVar = frozenset({"salt"})

    leaf = models.OneToOneField(Leaf, models.PROTECT, primary_key=True, related_name="+")
    salt = models.CharField(max_length=64)
    subject = SealedTextField()
    content = SealedTextField()
    # Apart from the content, which may be shown to the public: `content.by` is only this text's digest.
    actor = SealedTextField()


class Erasure(models.Model):
    """Why the content of a leaf is gone, and the leaf that proves it was erased on purpose."""

    PLAIN: ClassVar = frozenset({"ground"})

    leaf = models.OneToOneField(Leaf, models.PROTECT, related_name="+")
    proof = models.OneToOneField(Leaf, models.PROTECT, related_name="+")
    ground = models.CharField(max_length=200)
    erased_at = models.DateTimeField()


class PendingLeaf(models.Model):
    """A leaf that waits for its number. Being a row, it is seen exactly when its transaction has committed."""

    PLAIN: ClassVar = frozenset[str]()

    leaf = models.OneToOneField(Leaf, models.PROTECT, primary_key=True, related_name="+")


class Entry(models.Model):
    """A leaf's place in the tree. `seal` is a MAC under the key file, so that a changed row names itself."""

    PLAIN: ClassVar = frozenset[str]()

    index = models.BigIntegerField(primary_key=True)
    leaf = models.OneToOneField(Leaf, models.PROTECT, related_name="+")
    leaf_hash = models.BinaryField()
    seal = models.BinaryField()


class Node(models.Model):
    """The root of a complete subtree of 2**level leaves, for every eighth level."""

    PLAIN: ClassVar = frozenset[str]()

    level = models.SmallIntegerField()
    index = models.BigIntegerField()
    hash = models.BinaryField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=["level", "index"], name="ledger_one_node"),)


class Checkpoint(models.Model):
    """A signed tree head, and the frontier from which the next one goes on."""

    PLAIN: ClassVar = frozenset({"algorithm", "root", "verifier", "note"})

    tree_size = models.BigIntegerField(primary_key=True)
    root = models.CharField(max_length=64)
    frontier = models.BinaryField()
    algorithm = models.CharField(max_length=10)
    # The public key, so that the web processes can hand out proofs without reading the key file.
    verifier = models.CharField(max_length=200)
    note = models.TextField()
    signed_at = models.DateTimeField()


class Anchoring(models.Model):
    """That a checkpoint was given to a place outside the house, where we cannot take it back."""

    PLAIN: ClassVar = frozenset({"place", "receipt"})

    tree_size = models.BigIntegerField()
    place = models.CharField(max_length=300)
    # What the place answered, by its digest: an answer of somebody else is not ours to publish.
    receipt = models.CharField(max_length=64)
    at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=["place", "tree_size"], name="ledger_one_anchoring"),)
