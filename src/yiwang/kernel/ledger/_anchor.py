"""Giving a checkpoint to a place outside the house: a folder that another machine keeps, or an address that takes it by POST."""

import hashlib
from pathlib import Path

import httpx

from yiwang.kernel.ledger.contracts import AnchorContradicts, AnchorUnreachable, CheckpointView

_PATIENCE_SECONDS = 10.0
_HINT = "请检查 YIWANG_LEDGER_ANCHOR，稍后会自动重试。"


def give(head: CheckpointView, place: str) -> str:
    """Hand the signed text over; returns the SHA-256 of what the place answered. Raises AnchorUnreachable, AnchorContradicts."""
    answer = _posted(head, place) if place.startswith(("http://", "https://")) else _kept(head, Path(place))
    return hashlib.sha256(answer).hexdigest()


def _posted(head: CheckpointView, address: str) -> bytes:
    try:
        answer = httpx.post(
            address,
            content=head.note.encode(),
            headers={"Content-Type": "text/plain; charset=utf-8"},
            timeout=_PATIENCE_SECONDS,
        )
    except httpx.HTTPError as lost:
        raise AnchorUnreachable("外部锚点没有应答。", hint=_HINT) from lost
    if answer.status_code == httpx.codes.CONFLICT:
        raise _contradiction()
    if not answer.is_success:
        raise AnchorUnreachable(f"外部锚点答复 {answer.status_code}。", hint=_HINT)
    return answer.content


def _kept(head: CheckpointView, folder: Path) -> bytes:
    path = folder / f"checkpoint-{head.tree_size:012d}.txt"
    note = head.note.encode()
    try:
        # Never over an older one: the folder is worth something only because nothing in it changes.
        with open(path, "xb") as stream:
            stream.write(note)
    except FileExistsError:
        if path.read_bytes() != note:
            raise _contradiction() from None
    except OSError as lost:
        raise AnchorUnreachable(f"外部锚点写不进去（{lost.strerror}）。", hint=_HINT) from lost
    return note


def _contradiction() -> AnchorContradicts:
    return AnchorContradicts(
        "外部锚点已有另一个同样大小的检查点：两份历史必有一份不真。",
        hint="请保持数据库原样，用 yiwang ledger verify --anchor 核对，并联系安全负责人。",
    )
