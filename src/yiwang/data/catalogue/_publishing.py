"""Entries that packs bring, and who is the source of which element by them."""

from collections.abc import Iterator
from datetime import datetime

from django.db import transaction

from yiwang.data.catalogue import _content, _entries, _sources
from yiwang.data.catalogue.contracts import NewResource, Origin, Published
from yiwang.data.catalogue.kinds import SEED, CatalogueSeed, SeedResource
from yiwang.data.catalogue.models import Resource, System
from yiwang.kernel.audit import actions as audit
from yiwang.kernel.base.contracts import SYSTEM, Actor
from yiwang.kernel.orgs import queries as orgs
from yiwang.kernel.orgs.contracts import OrgView
from yiwang.kernel.packs import queries as packs


@transaction.atomic
def publish(*, by: Actor, at: datetime) -> Published:
    """Enter what the packs in force say, where the unit is there; what somebody revised since stays as it is. Safe to repeat."""
    packs.refresh()
    made, revised, same = 0, 0, 0
    clashes: list[str] = []
    homeless: list[str] = []
    known = {row.code: row for row in Resource.objects.all()}
    for body, org, given in _entries_of_packs(homeless):
        before = known.get(given.code)
        if before is None:
            _prepare(body, org, by=by, at=at)
            new = NewResource(given.code, org.id, body.content(given))
            _entries.register(new=new, origin=Origin.PACK, by=by, at=at)
            made += 1
        elif before.origin != Origin.PACK or before.org_id != org.id:
            clashes.append(given.code)
        elif _entries.view_of(given.code).content == _content.completed(body.content(given)):
            same += 1
        else:
            _prepare(body, org, by=by, at=at)
            _entries.revise(code=given.code, content=body.content(given), origin=Origin.PACK, by=by, at=at)
            revised += 1
        _sources.begin(org_id=org.id, resource_code=given.code, element_ids=given.sources, by=by, at=at)
    counts = {"created": made, "revised": revised, "unchanged": same, "clashes": len(clashes)}
    if made or revised:
        audit.record("catalogue.packs.published", target="catalogue", by=by, at=at, detail=counts)
    return Published(made, revised, same, tuple(clashes), tuple(sorted(set(homeless))))


def _entries_of_packs(homeless: list[str]) -> Iterator[tuple[CatalogueSeed, OrgView, SeedResource]]:
    for pack in packs.all_of(SEED):
        body = pack.as_type(CatalogueSeed)
        org = next((each for each in orgs.of_kind(body.provider) if each.region_code == body.region), None)
        if org is None:
            homeless.append(pack.id)
            continue
        for given in body.resources:
            yield body, org, given


def _prepare(body: CatalogueSeed, org: OrgView, *, by: Actor, at: datetime) -> None:
    known = set(System.objects.filter(code__in=[each.code for each in body.systems]).values_list("code", flat=True))
    for system in body.systems:
        if system.code not in known:
            _entries.save_system(code=system.code, name=system.name, org_id=org.id, by=SYSTEM, at=at)
