"""The ledger for anyone: checkpoints, proofs, and the entries themselves for those who keep watch."""

from datetime import datetime
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Schema
from pydantic import Field

from yiwang.kernel.base.http import ApiRouter
from yiwang.kernel.ledger import queries
from yiwang.kernel.ledger.contracts import NotInTree, NotYetNumbered

router = ApiRouter(tags=["存证"], audience="public")

Size = Annotated[int, Field(ge=1, lt=2**62)]
Place = Annotated[int, Field(ge=0, lt=2**62)]


class CheckpointOut(Schema):
    """A signed tree head; `note` is the signed text (C2SP checkpoint), all else is read from it."""

    tree_size: int
    root: str
    signed_at: datetime
    hash: str
    verifier: str
    note: str


class ProofOut(Schema):
    """`leaf_data` is the exact text that is hashed; `path` goes from the leaf up (RFC 6962 2.1.1)."""

    version: int
    leaf: int
    leaf_data: str
    index: int
    path: list[str]
    checkpoint: CheckpointOut


class ConsistencyOut(Schema):
    version: int
    old: CheckpointOut
    new: CheckpointOut
    path: list[str]


class EntryOut(Schema):
    index: int
    leaf: int
    leaf_data: str


@router.get("/checkpoint", response=CheckpointOut, summary="最新（或指定大小）的检查点")
def checkpoint(request: HttpRequest, tree_size: Size | None = None) -> dict[str, Any]:
    """The newest signed checkpoint, or that of exactly `tree_size`."""
    found = queries.checkpoint(tree_size)
    if found is None:
        raise NotInTree("还没有这个检查点。", hint="存证产生后一秒内会签发检查点。")
    return found.as_json()


@router.get("/proof/{leaf}", response=ProofOut, summary="包含证明")
def proof(request: HttpRequest, leaf: Place, tree_size: Size | None = None) -> dict[str, Any]:
    """That a leaf stands in the tree of a signed checkpoint."""
    found = queries.proof(leaf, tree_size=tree_size)
    if found is None:
        raise NotYetNumbered("这条存证正在编号。", hint="请过一秒再试。")
    return found.as_json()


@router.get("/consistency", response=ConsistencyOut, summary="一致性证明")
def consistency(request: HttpRequest, old: Size, new: Size | None = None) -> dict[str, Any]:
    """That the newer checkpoint's tree only adds to the older one's."""
    return queries.consistency(old, new).as_json()


@router.get("/entries", response=list[EntryOut], summary="按编号读存证信封")
def entries(
    request: HttpRequest, start: Place = 0, count: Annotated[int, Field(ge=1, le=1000)] = 100
) -> list[dict[str, Any]]:
    """Public envelopes in order, so that a watcher can rebuild the tree."""
    return queries.entries(start, count)
