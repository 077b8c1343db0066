"""From the rows of batches to contracts."""

from yiwang.kernel.packs import queries as packs
from yiwang.support.licences.contracts import BatchState, BatchView
from yiwang.support.licences.kinds import LICENCE_TYPE
from yiwang.support.licences.models import Batch


def view(batch: Batch) -> BatchView:
    pack = packs.find(LICENCE_TYPE, batch.type_id)
    return BatchView(
        id=batch.pk,
        type_id=batch.type_id,
        title=str(pack.title) if pack else batch.type_id,
        org_id=batch.org_id,
        filename=str(batch.filename),
        grounds=str(batch.grounds),
        state=BatchState(batch.state),
        total=batch.total,
        wrong=batch.wrong,
        issued=batch.issued,
        made_at=batch.made_at,
        begun_at=batch.begun_at,
        ended_at=batch.ended_at,
    )
