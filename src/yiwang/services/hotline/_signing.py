"""Keeping signatures: of each ticket as it comes in, of many at once, and how common pieces are."""

import io
from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from itertools import repeat
from pathlib import Path
from typing import NamedTuple, Self

import numpy as np
from django.conf import settings
from django.db.models import Exists, OuterRef, Q
from psycopg.types.json import Jsonb

from yiwang.kernel.base import rows
from yiwang.services.hotline import _learning, _signature
from yiwang.services.hotline._signature import Seen
from yiwang.services.hotline.models import Ticket, TicketSignature

SAMPLE = 20_000
"""From so many of the last messages it is known how common a piece is."""
_BATCH = 1_000
_GREW = 4
_SIGN = (
    "INSERT INTO hotline_ticketsignature (ticket_id, pieces, known, region_code, received_at, advice, sure, model) "
    "SELECT * FROM jsonb_to_recordset(%s) AS signed (ticket_id bigint, pieces integer[], known integer, region_code text, "
    "received_at timestamptz, advice text, sure smallint, model text) "
    "ON CONFLICT (ticket_id) DO UPDATE SET pieces = EXCLUDED.pieces, known = EXCLUDED.known"
)


class Unsigned(NamedTuple):
    """What of a ticket is signed."""

    pk: int
    content: str
    region_code: str
    received_at: datetime
    is_confidential: bool

    @classmethod
    def of(cls, row: Ticket) -> Self:
        return cls(row.pk, row.content, row.region_code, row.received_at, row.is_confidential)


def seen_path() -> Path:
    return Path(settings.YIWANG_HOME) / "models" / "hotline-pieces.npz"


def seen() -> Seen:
    """How common pieces are in this place; read again when it was counted anew."""
    path = seen_path()
    try:
        stamp = path.stat()
    except OSError:
        return Seen.nothing()
    return _read(path, stamp.st_mtime_ns, stamp.st_size)


def count_pieces() -> Seen:
    """Count anew over the last messages; numbers under the installation's key, no text."""
    last = Ticket.objects.filter(is_confidential=False).order_by("-received_at")
    texts = [str(content) for content in last.values_list("content", flat=True)[:SAMPLE]]
    found = Seen.of(texts) if texts else Seen.nothing()
    path = seen_path()
    path.parent.mkdir(parents=True, exist_ok=True)
    buffer = io.BytesIO()
    np.savez_compressed(buffer, pieces=found.pieces, counts=found.counts, total=np.array([found.total]))
    beside = path.with_suffix(".npz.new")
    beside.write_bytes(buffer.getvalue())
    beside.replace(path)
    return found


def sign(tickets: Sequence[Unsigned], common: Seen) -> int:
    """Write the signatures of these tickets, with what the model would suggest for each; a 举报 gets none."""
    open_ones = [row for row in tickets if not row.is_confidential]
    texts = [row.content for row in open_ones]
    model = _learning.current(_learning.model_path())
    advice = _learning.leading(model, texts) if model else repeat(("", 0), len(texts))
    signatures = _signature.signatures(texts, common)
    made = [
        {
            "ticket_id": row.pk,
            "pieces": pieces,
            "known": common.total,
            "region_code": row.region_code,
            "received_at": row.received_at.isoformat(),
            "advice": category,
            "sure": sure,
            "model": model.digest[:12] if model and category else "",
        }
        for row, pieces, (category, sure) in zip(open_ones, signatures, advice, strict=True)
    ]
    rows.later(_SIGN, [Jsonb(made)])
    return len(made)


def sign_missing(since: datetime, common: Seen) -> int:
    """Sign what came without one since then, and anew what was signed while little was known of the place's words."""
    done, after = 0, 0
    outdated = TicketSignature.objects.filter(received_at__gte=since, known__lt=common.total // _GREW).values("ticket")
    while True:
        wanted = Ticket.objects.filter(received_at__gte=since, is_confidential=False, pk__gt=after)
        lacking = ~Exists(TicketSignature.objects.filter(ticket=OuterRef("pk"))) | Q(pk__in=outdated)
        lines = wanted.filter(lacking).order_by("pk").values_list(*Unsigned._fields)[:_BATCH]
        found = [Unsigned._make(line) for line in lines]
        if not found:
            return done
        done += sign(found, common)
        after = found[-1].pk


@lru_cache(maxsize=2)
def _read(path: Path, changed: int, size: int) -> Seen:
    with np.load(path, allow_pickle=False) as arrays:
        return Seen(arrays["pieces"], arrays["counts"], int(arrays["total"][0]))
