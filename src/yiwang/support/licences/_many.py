"""Many licences of one type at once: numbers drawn together, rows by COPY, a leaf of the ledger for each."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from yiwang.kernel.base import rows
from yiwang.kernel.base.contracts import Actor
from yiwang.kernel.base.numbering import next_numbers
from yiwang.kernel.ledger import actions as ledger
from yiwang.kernel.orgs.contracts import OrgView
from yiwang.kernel.packs.contracts import Pack
from yiwang.kernel.people.contracts import IdType
from yiwang.kernel.workdays.contracts import LEGAL_TIME
from yiwang.support.licences import _making, _rows
from yiwang.support.licences.contracts import Holder, Operation, WrongFields
from yiwang.support.licences.kinds import LicenceTypePack
from yiwang.support.licences.models import Licence, LicenceEvent, LicenceVersion

Said = Mapping[str, Any]


def issue(
    pack: Pack, unit: OrgView, said: Mapping[int, Said], *, grounds: str, by: Actor, at: datetime
) -> tuple[dict[int, int], dict[int, str]]:
    """Issue what lines say; answers the licence of each line, and of each that could not be issued why."""
    today = at.astimezone(LEGAL_TIME).date()
    first = next_numbers(_making.series(pack, unit, today), len(said))
    refused = _taken(pack, unit, said)
    made: dict[int, Licence] = {}
    # A line that falls out leaves its number unused: numbers that a rule makes have gaps then, and say nothing wrong.
    for count, (line, values) in enumerate(said.items(), first):
        if line in refused:
            continue
        try:
            made[line] = _row(pack, unit, values, today, count, at)
        except WrongFields as wrong:
            refused[line] = "；".join([wrong.message, *(place.message for place in wrong.places)])[:300]
    _written(list(made.values()), unit, grounds, today, by, at)
    return {line: row.pk for line, row in made.items()}, refused


def _row(pack: Pack, unit: OrgView, said: Said, today: date, count: int, at: datetime) -> Licence:
    is_firm = pack.as_type(LicenceTypePack).holder == "firm"
    kind = IdType.USCC if is_firm else IdType.CITIZEN_ID
    holder = Holder(said["holder"], kind.value, said["holder_id"])
    start, end = (date.fromisoformat(said[name]) if said.get(name) else None for name in ("valid_from", "valid_to"))
    row = _making.new_row(pack, holder, unit, said["fields"], start or today, end, said.get("number", ""), today, count)
    row.changed_at = at
    return row


def _taken(pack: Pack, unit: OrgView, said: Mapping[int, Said]) -> dict[int, str]:
    """Lines whose number another licence has had meanwhile."""
    given = {values["number"]: line for line, values in said.items() if values.get("number")}
    rows_there = Licence.objects.filter(type_id=pack.id, issuer_id=unit.id, number__in=given) if given else []
    return {given[row.number]: "这个编号已经用过。" for row in rows_there}


def _written(made: list[Licence], unit: OrgView, grounds: str, today: date, by: Actor, at: datetime) -> None:
    for row, key in zip(made, rows.keys(Licence, len(made)), strict=True):
        row.pk = key
    versions = [_rows.version_of(row, at=at) for row in made]
    contents = [
        _rows.leaf_content(row, Operation.ISSUE, digest=version.face_digest, issuer=unit.uscc, effective_on=today)
        for row, version in zip(made, versions, strict=True)
    ]
    leaves = ledger.append_many(
        kind="licences.licence.issued",
        leaves=[(f"licence:{row.pk}", content) for row, content in zip(made, contents, strict=True)],
        by=by,
        at=at,
    )
    events = [
        _rows.event_of(row, Operation.ISSUE, leaf.id, grounds=grounds, effective_on=today, by=by, at=at)
        for row, leaf in zip(made, leaves, strict=True)
    ]
    for model, its in ((LicenceVersion, versions), (LicenceEvent, events)):
        for each, key in zip(its, rows.keys(model, len(its)), strict=True):
            each.pk = key
    for table in (made, versions, events):
        rows.copy_in(table)
