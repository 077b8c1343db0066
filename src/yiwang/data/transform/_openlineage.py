"""A finished run as an OpenLineage event (spec 2-0-2): job, SQL, versions read and written, schema and column lineage."""

import uuid
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from yiwang.data.engine import queries as lakes
from yiwang.data.engine.contracts import NoSuchSnapshot, NoSuchTable
from yiwang.data.transform.contracts import Relation
from yiwang.data.transform.models import Run

SPEC = "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent"
_FACETS = "https://openlineage.io/spec/facets"
_PRODUCER = "urn:yiwang:data.transform"
_SPACE = uuid.UUID("6f6c7969-7761-4e67-8461-7461000000aa")
_KINDS = {Relation.JOIN: "JOIN", Relation.FILTER: "FILTER", Relation.GROUP_BY: "GROUP_BY"}


def event(row: Run, sql: str, namespace: str) -> dict[str, Any]:
    """`namespace` names the installation; the event's id is the same whenever it is asked for."""
    number = uuid.uuid5(_SPACE, f"{namespace}:{row.pk}")
    return {
        "eventTime": row.ended_at.isoformat() if row.ended_at else row.began_at.isoformat(),
        "eventType": "COMPLETE",
        "producer": _PRODUCER,
        "schemaURL": SPEC,
        "run": {"runId": str(number), "facets": {}},
        "job": {
            "namespace": namespace,
            "name": row.transformation_id,
            "facets": {
                "sql": _facet("1-1-0", "SQLJobFacet", query=sql, dialect="duckdb"),
                "jobType": _facet(
                    "2-0-4", "JobTypeJobFacet", processingType="BATCH", integration="YIWANG", jobType="QUERY"
                ),
            },
        },
        "inputs": [_dataset(namespace, table, number) for table, number in row.inputs.items()],
        "outputs": [_output(row, namespace)],
    }


def _output(row: Run, namespace: str) -> dict[str, Any]:
    found = _dataset(namespace, row.table, row.snapshot)
    fields: dict[str, list[dict[str, Any]]] = defaultdict(list)
    whole: list[dict[str, Any]] = []
    for table, column, to, relation in row.edges:
        source = {
            "namespace": namespace, "name": table, "field": column, "transformations": [_way(Relation(relation))],
        }  # fmt: skip
        (fields[to] if to else whole).append(source)
    listed = {name: {"inputFields": sources} for name, sources in fields.items()}
    found["facets"]["columnLineage"] = _facet("1-2-0", "ColumnLineageDatasetFacet", fields=listed, dataset=whole)
    return found


def _way(relation: Relation) -> dict[str, Any]:
    if relation.is_direct:
        return {"type": "DIRECT", "subtype": relation.value.upper(), "description": "", "masking": False}
    return {"type": "INDIRECT", "subtype": _KINDS[relation], "description": "", "masking": False}


def _dataset(namespace: str, table: str, number: int | None) -> dict[str, Any]:
    facets: dict[str, Any] = {
        "version": _facet("1-0-1", "DatasetVersionDatasetFacet", datasetVersion=str(number)),
    }
    try:
        columns: Iterable[Any] = lakes.snapshot(table, number=number).columns
    except (NoSuchSnapshot, NoSuchTable):
        columns = ()  # expired
    if columns:
        fields = [{"name": column.name, "type": column.type} for column in columns]
        facets["schema"] = _facet("1-2-0", "SchemaDatasetFacet", fields=fields)
    return {"namespace": namespace, "name": table, "facets": facets}


def _facet(version: str, name: str, **said: Any) -> dict[str, Any]:
    return {"_producer": _PRODUCER, "_schemaURL": f"{_FACETS}/{version}/{name}.json#/$defs/{name}"} | said
