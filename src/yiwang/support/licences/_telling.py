"""What a holder is told about a licence: the packs say in which words, and whether at all."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from yiwang.kernel.base.contracts import Actor
from yiwang.kernel.orgs.contracts import OrgView
from yiwang.kernel.people import queries as people
from yiwang.support.licences import _rows
from yiwang.support.licences.models import Licence
from yiwang.support.notify import actions as notify
from yiwang.support.notify import queries as templates


def tell(
    row: Licence, unit: OrgView, occasion: str, facts: Mapping[str, Any], *, key: str, by: Actor, at: datetime
) -> None:
    """Send what the packs have for the occasion to the holder, if the holder has an inbox here; the same `key` again sends nothing."""
    found = templates.templates_on(occasion)
    number = str(row.holder_id_number)
    party = people.find_party(number) if found and number else None
    if party is None:
        return
    said = {
        "title": _rows.type_of(row).title,
        "unit": unit.short_name or unit.name,
        "phone": unit.phone,
        "day": at,
        "due": row.valid_to,
        **facts,
    }
    for body in found:
        notify.send(
            template=body.id,
            to_party_id=party.id,
            facts=said,
            case_number=row.case_number,
            key=f"licence:{row.pk}:{key}",
            by=by,
            at=at,
        )
