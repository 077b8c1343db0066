"""Where entries belong and whom they name, worked out from what they hold: for entries that an earlier release brought in."""

from django.db import connection

from yiwang.data.registries import _files
from yiwang.data.registries._entering import CHUNK
from yiwang.data.registries._own import links_of, region_of
from yiwang.data.registries.kinds import KeptRegistry
from yiwang.kernel.packs.contracts import Pack

_PLACED = """UPDATE registries_entry e SET region_code = n.region_code, links = string_to_array(n.links, ',')
FROM unnest(%s::bigint[], %s::text[], %s::text[]) AS n (id, region_code, links) WHERE e.id = n.id"""


def place(pack: Pack) -> int:
    """Some thousands in one statement; says nothing anew to followers. Returns how many were looked at."""
    body = pack.as_type(KeptRegistry)
    count = after = 0
    while body.region and (page := _files.after(pack.id, after, CHUNK)):
        after, count = page[-1].pk, count + len(page)
        rows = [each for each in page if not each.region_code]
        said = [(each.pk, region_of(each.values.get(body.region)), links_of(each.values, body.links)) for each in rows]
        named = [(pk, region, ",".join(links) if links else None) for pk, region, links in said]
        if named:
            with connection.cursor() as cursor:
                cursor.execute(_PLACED, [list(column) for column in zip(*named, strict=True)])
    return count
