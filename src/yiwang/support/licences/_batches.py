"""批量签发: a file of holders is read and looked through, then issued in the job worker piece by piece, each line once."""

import hashlib
from collections.abc import Mapping
from datetime import datetime

from django.db import connection, transaction

from yiwang.kernel.access import queries as access
from yiwang.kernel.audit import actions as audit
from yiwang.kernel.base import rows
from yiwang.kernel.base.contracts import Actor
from yiwang.kernel.base.events import publish
from yiwang.kernel.orgs import queries as orgs
from yiwang.kernel.packs import queries as packs
from yiwang.support.licences import _acts, _batch_rows, _lines, _making, _many
from yiwang.support.licences.contracts import BatchNotFound, BatchState, BatchView, CannotChange
from yiwang.support.licences.kinds import LICENCE_TYPE
from yiwang.support.licences.models import Batch, BatchLine

PIECE = 1000


@transaction.atomic
def read_batch(
    *, type_id: str, org_id: int, filename: str, content: bytes, grounds: str, by: Actor, at: datetime
) -> BatchView:
    """Read a file of holders (CSV or workbook, 100,000 lines at most) and say what is wrong, line by line; nothing is issued yet.

    The same file for the same type and unit is the same batch. Raises BadBatch, CannotRead, StaysPaper, GroundsNeeded, NotPermitted.
    """
    access.require(by, "licences.issue", at_org=org_id)
    said, pack, sha256 = _acts.grounds(grounds), packs.get(LICENCE_TYPE, type_id), hashlib.sha256(content).hexdigest()
    _making.refuse_paper(pack)
    before = Batch.objects.filter(org_id=org_id, type_id=type_id, sha256=sha256).first()
    if before:
        return _batch_rows.view(before)
    found = _lines.read(pack, content)
    batch = Batch.objects.create(
        type_id=type_id,
        org_id=org_id,
        account_id=by.account_id,
        filename=filename[:200],
        sha256=sha256,
        grounds=said,
        state=BatchState.READ.value,
        total=len(found),
        wrong=sum(bool(line.problem) for line in found),
        made_at=at,
    )
    keys = rows.keys(BatchLine, len(found))
    rows.copy_in(
        [
            BatchLine(pk=key, batch=batch, line=line.line, said=line.said or None, problem=line.problem)
            for key, line in zip(keys, found, strict=True)
        ]
    )
    detail = {"lines": batch.total, "wrong": batch.wrong}
    audit.record("licences.batch.read", target=f"licence-batch:{batch.pk}", by=by, at=at, detail=detail)
    return _batch_rows.view(batch)


@transaction.atomic
def start_batch(*, batch_id: int, by: Actor, at: datetime) -> BatchView:
    """Have the lines without a problem issued. Raises BatchNotFound, CannotChange (begun already, or nothing to issue), NotPermitted."""
    batch = _locked(batch_id)
    access.require(by, "licences.issue", at_org=batch.org_id)
    if batch.state != BatchState.READ or batch.total == batch.wrong:
        raise CannotChange("这一批已经开始，或没有可以签发的行。", hint="请刷新后再看。")
    batch.state, batch.begun_at = BatchState.RUNNING.value, at
    batch.save(update_fields=["state", "begun_at"])
    audit.record("licences.batch.started", target=f"licence-batch:{batch.pk}", by=by, at=at)
    publish("licences.batch.started", {"batch_id": batch.pk}, at=at)
    return _batch_rows.view(batch)


@transaction.atomic
def issue_part(*, batch_id: int, by: Actor, at: datetime) -> BatchView:
    """Issue the next thousand lines, or end the batch when there are none; whoever was killed goes on where it stood.

    Raises BatchNotFound.
    """
    batch = _locked(batch_id)
    if batch.state != BatchState.RUNNING:
        return _batch_rows.view(batch)
    waiting = BatchLine.objects.filter(batch=batch, licence=None, problem="").order_by("line")[:PIECE]
    lines = list(waiting)
    if not lines:
        batch.state, batch.ended_at = BatchState.DONE.value, at
        batch.save(update_fields=["state", "ended_at"])
        detail = {"issued": batch.issued, "wrong": batch.wrong}
        audit.record("licences.batch.ended", target=f"licence-batch:{batch.pk}", by=by, at=at, detail=detail)
        return _batch_rows.view(batch)
    pack, unit = packs.get(LICENCE_TYPE, batch.type_id), orgs.get(batch.org_id)
    made, refused = _many.issue(
        pack, unit, {line.line: line.said for line in lines}, grounds=str(batch.grounds), by=by, at=at
    )
    _link(batch, made)
    for line, problem in refused.items():
        BatchLine.objects.filter(batch=batch, line=line).update(problem=problem)
    batch.issued, batch.wrong = batch.issued + len(made), batch.wrong + len(refused)
    batch.save(update_fields=["issued", "wrong"])
    detail = {"from": lines[0].line, "to": lines[-1].line, "issued": len(made)}
    audit.record("licences.batch.issued", target=f"licence-batch:{batch.pk}", by=by, at=at, detail=detail)
    return _batch_rows.view(batch)


def _link(batch: Batch, made: Mapping[int, int]) -> None:
    """What a line said is on its licence now."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE licences_batchline AS l SET licence_id = m.licence, said = NULL"
            " FROM unnest(%s::bigint[], %s::bigint[]) AS m (line, licence) WHERE l.batch_id = %s AND l.line = m.line",
            [list(made), list(made.values()), batch.pk],
        )


def _locked(batch_id: int) -> Batch:
    batch = Batch.objects.select_for_update().filter(pk=batch_id).first()
    if batch is None:
        raise BatchNotFound("没有这一批。", hint="请刷新后再看。")
    return batch
