"""The catalogue as JSON and in the words of DCAT-AP 3.0.1: for whom it is meant, and with all that the profile makes mandatory."""

from dataclasses import replace
from pathlib import Path

from pyshacl import validate
from rdflib import DCTERMS, FOAF, RDF, Graph
from rdflib.compare import isomorphic

from tests.departments import CODE, FIRMS, Departments, departments, enter
from tests.standing import standing
from tests.unit.data.ingest.test_desk import signed_in
from tests.world import AT, World
from yiwang.data.catalogue import actions
from yiwang.data.catalogue.contracts import Opening, Sharing

SHAPES = Path(__file__).with_name("dcat-ap-3.0.0-SHACL.ttl")


@standing
def place(world: World) -> Departments:
    made = departments(world)
    enter(made)
    refused = replace(
        FIRMS,
        title="企业信用惩戒记录",
        sharing=Sharing.REFUSED,
        refusal_basis="征信业管理条例第十四条",
        ways=(),
        lake_table="",
    )
    enter(made, code="anlan.market.secret", content=refused)
    return made


def test_an_entry_is_found_read_and_its_changes_told(place: Departments) -> None:
    other = signed_in(place, "civil.clerk")
    rows = other.get("/api/catalogue/resources", {"q": "企业"}).json()["items"]
    assert [(row["code"], row["org_name"]) for row in rows] == [(CODE, "市市场监管局")]
    found = other.get(f"/api/catalogue/resources/{CODE}").json()
    assert [item["name"] for item in found["items"] if item["is_key"]] == ["uscc"]
    assert (found["sharing"], found["ways"]) == ("unconditional", ["service"])
    told = other.get(f"/api/catalogue/resources/{CODE}/revisions").json()["items"]
    assert [each["number"] for each in told] == [1]
    assert other.get("/api/catalogue/resources/anlan.market.secret").status_code == 404
    assert signed_in(place, "market.officer").get("/api/catalogue/resources/anlan.market.secret").status_code == 200


def test_the_shapes_of_the_profile_are_met_by_what_we_write(place: Departments) -> None:
    content = replace(FIRMS, opening=Opening.OPEN, contact="登记注册科", phone="0990-8000091")
    actions.revise(code=CODE, content=content, by=place.actor("data-bureau.keeper"), at=AT)
    client = signed_in(place, "civil.clerk")
    answer = client.get("/api/catalogue/dcat")
    assert answer["Content-Type"].startswith("application/ld+json")
    found = answer.json()
    (dataset,) = found["dcat:dataset"]
    assert (dataset["dct:identifier"], dataset["dct:title"]) == (CODE, {"@value": FIRMS.title, "@language": "zh"})
    assert dataset["dct:accessRights"]["@id"].endswith("/access-right/PUBLIC")
    assert found["dct:publisher"]["foaf:name"]["@value"] == "安澜市大数据局"
    graph = Graph().parse(data=answer.content, format="json-ld")
    assert faults(graph) == []
    turtle = client.get("/api/catalogue/dcat", {"format": "turtle"})
    assert turtle["Content-Type"].startswith("text/turtle")
    assert isomorphic(graph, Graph().parse(data=turtle.content, format="turtle"))
    # The shapes see what is missing.
    graph.remove((None, FOAF.name, None))
    graph.remove((None, DCTERMS.title, None))
    assert faults(graph) == ["Agent name", "Catalog title", "Dataset/Resource title"]


def test_pages_lead_to_each_other(place: Departments) -> None:
    keeper = signed_in(place, "data-bureau.keeper")
    first = keeper.get("/api/catalogue/dcat", {"size": 1})
    following = first["Link"].partition(">")[0][1:]
    second = keeper.get(following.partition("testserver")[2])
    codes = [page.json()["dcat:dataset"][0]["dct:identifier"] for page in (first, second)]
    assert sorted(codes) == [CODE, "anlan.market.secret"]
    assert "Link" not in second.headers


def faults(graph: Graph) -> list[str]:
    """Which class breaks the shapes by which property."""
    _, report, _ = validate(graph, shacl_graph=Graph().parse(SHAPES), inference="none")
    rows = report.query(
        "PREFIX sh: <http://www.w3.org/ns/shacl#> SELECT ?node ?path WHERE { ?r sh:focusNode ?node ; sh:resultPath ?path }"
    )
    kinds = {node: sorted(called(kind) for kind in graph.objects(node, RDF.type)) for node, _ in rows}
    return sorted({f"{'/'.join(kinds[node])} {called(path)}" for node, path in rows})


def called(name: object) -> str:
    return str(name).replace("#", "/").rpartition("/")[2]
