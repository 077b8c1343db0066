"""Following edges across tables: from what runs wrote, through the sources of ingest, to the columns of departments' files."""

from collections import defaultdict
from collections.abc import Iterable

from yiwang.data.engine import queries as lakes
from yiwang.data.ingest import queries as ingest
from yiwang.data.transform.contracts import Edge, Lineage, NoLineage, Relation, Spot, State
from yiwang.data.transform.models import Run

FILE = "file:"  # the table name of what a source delivers
EDGES_MAX = 5000


def traced(table: str, column: str | None) -> Lineage:
    """Raises NoLineage."""
    every = [*_of_runs(), *_of_sources()]
    spot = Spot(table, column or "")
    known = {edge.to.table for edge in every} | {edge.source.table for edge in every}
    if table not in known and not lakes.find_table(table):
        raise NoLineage(f"没有表“{table}”。", hint="yiwang lake tables 列出所有的表。")
    if column and not _has(table, column, every):
        raise NoLineage(f"表“{table}”没有列“{column}”。", hint="请核对列名。")
    into, out_of = defaultdict(list), defaultdict(list)
    for edge in every:
        into[edge.to].append(edge)
        out_of[edge.source].append(edge)
    start = [spot] if column else [spot, *_columns(table, every)]
    edges = dict.fromkeys(_followed(start, into, upwards=True))
    edges |= dict.fromkeys(_followed(start, out_of, upwards=False))
    return Lineage(spot, tuple(edges)[:EDGES_MAX], len(edges) > EDGES_MAX)


def _followed(start: Iterable[Spot], edges: dict[Spot, list[Edge]], *, upwards: bool) -> list[Edge]:
    found: list[Edge] = []
    waiting, seen = list(start), set(start)
    while waiting and len(found) <= EDGES_MAX:
        spot = waiting.pop()
        here = edges[spot] + (
            [edge for edge in edges[Spot(spot.table)] if not edge.relation.is_direct] if upwards and spot.column else []
        )
        found += here
        for edge in here:
            # What only decides about rows is named, and not followed: its own origins are another question.
            following = edge.source if upwards else edge.to
            if edge.relation.is_direct and following not in seen:
                seen.add(following)
                waiting.append(following)
    return found


def _of_runs() -> list[Edge]:
    """Of the last run that wrote each table."""
    rows = Run.objects.filter(state=State.DONE).order_by("table", "-id").distinct("table")
    return [
        Edge(Spot(table, column), Spot(row.table, to), Relation(relation), row.transformation_id)
        for row in rows
        for table, column, to, relation in row.edges
    ]


def _of_sources() -> list[Edge]:
    found = []
    for each in ingest.columns():
        raw = Spot(each.raw_table, each.name)
        found.append(Edge(Spot(f"{FILE}{each.source_id}", each.name), raw, Relation.IDENTITY, each.source_id))
        if each.standard:
            to = Spot(each.standard_table, each.standard)
            found.append(Edge(raw, to, Relation.TRANSFORMATION, each.source_id))
    return found


def _columns(table: str, every: Iterable[Edge]) -> list[Spot]:
    found = [edge.to for edge in every if edge.to.table == table] + [
        edge.source for edge in every if edge.source.table == table
    ]
    return [spot for spot in dict.fromkeys(found) if spot.column]


def _has(table: str, column: str, every: Iterable[Edge]) -> bool:
    if Spot(table, column) in _columns(table, every):
        return True
    return bool(lakes.find_table(table)) and any(each.name == column for each in lakes.columns(table))
