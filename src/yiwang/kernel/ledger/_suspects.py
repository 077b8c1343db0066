"""Telling what happened to entry rows that do not fit: edited, or moved to another place."""

from collections.abc import Sequence
from dataclasses import dataclass

from yiwang.kernel.ledger._sequencer import seal_of
from yiwang.kernel.ledger.contracts import Fault, Finding

# Every suspect is held against every other.
COMPARED_MAX = 1000


@dataclass(frozen=True, slots=True)
class Suspect:
    """An entry whose leaf hashes differently from what is stored, or whose seal does not fit its place."""

    index: int
    leaf_id: int
    stored: bytes
    seal: bytes
    recomputed: bytes | None
    is_sealed: bool


def judge(suspects: Sequence[Suspect], keys: Sequence[bytes]) -> list[Finding]:
    """One finding per suspect; leaves that are gone are named where they were missed."""
    compared = suspects[:COMPARED_MAX]
    found = []
    for suspect in suspects:
        if suspect.recomputed is None and suspect.is_sealed:
            continue
        origin = _origin(suspect, compared, keys)
        where = f"index {suspect.index} (leaf {suspect.leaf_id})"
        if origin is None:
            found.append(Finding(Fault.EDITED, where, "存证行被改动。"))
        else:
            found.append(Finding(Fault.REORDERED, where, f"存证行被调换：与编号{origin}互换了位置。"))
    return found


def _origin(suspect: Suspect, others: Sequence[Suspect], keys: Sequence[bytes]) -> int | None:
    """The index whose row stands here now, if the pieces show it."""
    for other in others:
        if other.index == suspect.index:
            continue
        if suspect.is_sealed:
            if suspect.recomputed == other.stored:
                return other.index
        elif _fits(suspect, other, keys):
            return other.index
    return None


def _fits(suspect: Suspect, other: Suspect, keys: Sequence[bytes]) -> bool:
    whole_row = any(seal_of(key, other.index, suspect.stored) == suspect.seal for key in keys)
    leaf_only = any(seal_of(key, suspect.index, other.stored) == suspect.seal for key in keys)
    return whole_row or leaf_only
