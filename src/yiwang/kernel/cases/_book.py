"""Finds flows: the one in force for a new case, the one a running case began with."""

from functools import lru_cache

from yiwang.kernel.cases._flow import Flow, flow_of
from yiwang.kernel.cases.kinds import FLOW, FlowPack
from yiwang.kernel.packs import queries as packs

KEPT = 500


def current(reference: str) -> Flow:
    """The flow in force by `id` or `id@version`. Raises PackNotFound."""
    pack = packs.get(FLOW, reference)
    return pinned(pack.id, pack.hash)


@lru_cache(maxsize=KEPT)
def pinned(flow_id: str, content_hash: str) -> Flow:
    """The flow of one content, whatever is in force now. Raises PackNotFound."""
    pack = packs.by_hash(FLOW, flow_id, content_hash)
    return flow_of(pack.as_type(FlowPack), pack.hash)
