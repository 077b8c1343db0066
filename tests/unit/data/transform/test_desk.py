"""Transformations on the desk: the lineage as picture, rows and JSON, and a run in OpenLineage's words."""

from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from openlineage.client import event_v2 as client
from openlineage.client import facet_v2 as facets
from openlineage.client.serde import Serde

from tests.departments import Departments, departments, enter
from tests.unit.data.ingest.test_desk import CODE, FILE, deliver, signed_in
from tests.unit.data.transform.conftest import Do, Put
from tests.world import World
from yiwang.data.transform import _picture, queries
from yiwang.data.transform.contracts import Edge, Lineage, NoSuchRun, Relation, Spot


@pytest.fixture
def place(world: World, settings: LazySettings, tmp_path: Path) -> Departments:
    settings.YIWANG_LAKE, settings.YIWANG_HOME = tmp_path / "lake", tmp_path
    made = departments(world)
    enter(made, code=CODE)
    return made


def test_lineage_is_shown_to_who_may_see_it(place: Departments, tmp_path: Path) -> None:
    deliver(tmp_path, FILE)
    keeper, other = signed_in(place, "data-bureau.keeper"), signed_in(place, "market.clerk")
    assert "法人基本信息" in keeper.get("/desk/transform").content.decode()
    page = keeper.get(f"/desk/lineage?table=standard.{CODE}&column=kind").content.decode()
    assert "文件：纳税人登记信息（税务局月报送）" in page
    assert "纳税人类型" in page
    assert "<svg" in page
    assert "登记状态" not in page, "another column is another question"
    assert keeper.get("/desk/lineage?table=topic.nothing").status_code == 404
    assert other.get("/desk/transform").status_code == 403
    assert other.get("/api/transform/runs").status_code == 403
    found = keeper.get("/api/transform/lineage", {"table": f"standard.{CODE}", "column": "kind"}).json()
    assert {edge["relation"] for edge in found["edges"]} == {"identity", "transformation"}
    assert "anlan.registry.firms" in {each["id"] for each in keeper.get("/api/transform").json()["items"]}
    assert keeper.get("/api/transform/runs/1/openlineage").status_code == 404


def test_a_run_in_the_words_of_openlineage(put: Put, do: Do) -> None:
    put("t.firms", "代码,名称\nA,甲\n")
    put("t.staff", "代码,人数\nA,1\n")
    run = do("t.sizes")
    event = queries.openlineage(run.id)
    assert event == queries.openlineage(run.id), "the same event whenever it is asked for"
    # OpenLineage's own client, made from the specification's schemas, takes each part and writes the same event.
    theirs = Serde.to_dict(by_their_client(event))
    for each in (*theirs["inputs"], *theirs["outputs"]):
        assert each.pop("inputFacets", {}) | each.pop("outputFacets", {}) == {}
        for column in each["facets"]["schema"]["fields"]:
            assert column.pop("fields") == []
    assert theirs == event
    assert {each["name"] for each in event["inputs"]} == {"standard.staff", "standard.firms"}
    (output,) = event["outputs"]
    lineage = output["facets"]["columnLineage"]
    (name,) = lineage["fields"]["name"]["inputFields"]
    assert (name["name"], name["field"]) == ("standard.firms", "name")
    assert name["transformations"][0]["type"] == "DIRECT"
    assert {each["transformations"][0]["subtype"] for each in lineage["dataset"]} == {"JOIN", "FILTER"}
    assert {each["name"] for each in output["facets"]["schema"]["fields"]} == {"code", "name", "headcount"}
    with pytest.raises(NoSuchRun):
        queries.openlineage(run.id + 1000)


def by_their_client(event: dict[str, Any]) -> client.RunEvent:
    def facet(kind: Any, said: dict[str, Any], **made: Any) -> Any:
        own = {name: value for name, value in said.items() if not name.startswith("_")}
        found = kind(**own | made, producer=said["_producer"])
        assert said["_schemaURL"] == found._schemaURL
        return found

    def inputs(listed: list[dict[str, Any]]) -> list[Any]:
        ways = [
            [facets.column_lineage_dataset.Transformation(**way) for way in each["transformations"]] for each in listed
        ]
        return [
            facets.column_lineage_dataset.InputField(**each | {"transformations": made})
            for each, made in zip(listed, ways, strict=True)
        ]

    def dataset(kind: Any, said: dict[str, Any]) -> Any:
        made = {"version": facet(facets.dataset_version_dataset.DatasetVersionDatasetFacet, said["facets"]["version"])}
        columns = said["facets"]["schema"]
        fields = [facets.schema_dataset.SchemaDatasetFacetFields(**each) for each in columns["fields"]]
        made["schema"] = facet(facets.schema_dataset.SchemaDatasetFacet, columns, fields=fields)
        if lineage := said["facets"].get("columnLineage"):
            whole = facets.column_lineage_dataset
            fields_of = {name: whole.Fields(inputs(each["inputFields"])) for name, each in lineage["fields"].items()}
            made["columnLineage"] = facet(
                whole.ColumnLineageDatasetFacet, lineage, fields=fields_of, dataset=inputs(lineage["dataset"])
            )
        return kind(namespace=said["namespace"], name=said["name"], facets=made)

    job = event["job"]
    named = {
        "sql": facet(facets.sql_job.SQLJobFacet, job["facets"]["sql"]),
        "jobType": facet(facets.job_type_job.JobTypeJobFacet, job["facets"]["jobType"]),
    }
    made = client.RunEvent(
        eventTime=event["eventTime"],
        eventType=client.RunState(event["eventType"]),
        producer=event["producer"],
        run=client.Run(runId=event["run"]["runId"]),
        job=client.Job(namespace=job["namespace"], name=job["name"], facets=named),
        inputs=[dataset(client.InputDataset, each) for each in event["inputs"]],
        outputs=[dataset(client.OutputDataset, each) for each in event["outputs"]],
    )
    assert made.schemaURL == event["schemaURL"]
    return made


def test_a_picture_runs_from_left_to_right_and_escapes_what_it_is_told() -> None:
    edges = (
        Edge(Spot("raw.a", "x"), Spot("standard.a", "x"), Relation.IDENTITY, "s"),
        Edge(Spot("standard.a", "x"), Spot("topic.b", "<b>"), Relation.AGGREGATION, "t"),
        Edge(Spot("standard.a", "y"), Spot("topic.b"), Relation.FILTER, "t"),
    )
    assert _picture.ranks(edges) == {"raw.a": 0, "standard.a": 1, "topic.b": 2}
    svg = _picture.drawn(Lineage(Spot("topic.b", "<b>"), edges), {"topic.b": "主题<乙>"})
    assert "主题&lt;乙&gt;" in svg
    assert "<b>" not in svg
    assert svg.count("stroke-dasharray") == 1
    assert _picture.drawn(Lineage(Spot("topic.b"), ()), {}) == ""
