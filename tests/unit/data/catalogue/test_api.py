"""The catalogue as JSON and in the words of DCAT-AP 3.0.1: for whom it is meant, and with all that the profile makes mandatory."""

from dataclasses import replace
from typing import Any

import pytest

from tests.departments import CODE, FIRMS, Departments, departments, enter
from tests.standing import standing
from tests.unit.data.ingest.test_desk import signed_in
from tests.world import AT, World
from yiwang.data.catalogue import actions
from yiwang.data.catalogue.contracts import Opening, Sharing

# minCount 1 in the shapes of DCAT-AP 3.0.1, for the classes that we write.
MANDATORY = {
    "dcat:Catalog": {"dct:title", "dct:description", "dct:publisher"},
    "dcat:Dataset": {"dct:title", "dct:description"},
    "dcat:Distribution": {"dcat:accessURL"},
    "dcat:CatalogRecord": {"dct:modified", "foaf:primaryTopic"},
    "foaf:Agent": {"foaf:name"},
}
# What the shapes ask a value to be (sh:class), and that there is one at most (sh:maxCount 1).
CLASSES = {
    "dct:publisher": "foaf:Agent", "dct:accessRights": "dct:RightsStatement", "dct:accrualPeriodicity": "dct:Frequency",
    "dct:language": "dct:LinguisticSystem", "dct:conformsTo": "dct:Standard", "dcat:contactPoint": "vcard:Kind",
    "dcat:landingPage": "foaf:Document", "dcat:distribution": "dcat:Distribution", "dcat:dataset": "dcat:Dataset",
    "dcat:record": "dcat:CatalogRecord", "dcat:accessURL": "rdfs:Resource",
}  # fmt: skip
ONCE = {
    "dct:publisher",
    "dct:accessRights",
    "dct:accrualPeriodicity",
    "dct:modified",
    "dct:issued",
    "foaf:primaryTopic",
}


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


def test_the_profile_is_met_by_what_we_write(place: Departments) -> None:
    content = replace(FIRMS, opening=Opening.OPEN, contact="登记注册科", phone="0990-8000091")
    actions.revise(code=CODE, content=content, by=place.actor("data-bureau.keeper"), at=AT)
    answer = signed_in(place, "civil.clerk").get("/api/catalogue/dcat")
    assert answer["Content-Type"].startswith("application/ld+json")
    found = answer.json()
    (dataset,) = found["dcat:dataset"]
    assert (dataset["dct:identifier"], dataset["dct:title"]) == (CODE, {"@value": FIRMS.title, "@language": "zh"})
    assert dataset["dct:accessRights"]["@id"].endswith("/access-right/PUBLIC")
    assert found["dct:publisher"]["foaf:name"]["@value"] == "安澜市大数据局"
    assert faults(found) == []


def test_pages_lead_to_each_other(place: Departments) -> None:
    keeper = signed_in(place, "data-bureau.keeper")
    first = keeper.get("/api/catalogue/dcat", {"size": 1})
    following = first["Link"].partition(">")[0][1:]
    second = keeper.get(following.partition("testserver")[2])
    codes = [page.json()["dcat:dataset"][0]["dct:identifier"] for page in (first, second)]
    assert sorted(codes) == [CODE, "anlan.market.secret"]
    assert "Link" not in second.headers


@pytest.mark.parametrize(
    ("drop", "said"), [("dct:title", "dcat:Dataset lacks dct:title"), ("foaf:name", "foaf:Agent lacks foaf:name")]
)
def test_the_check_of_the_profile_sees_what_is_missing(place: Departments, drop: str, said: str) -> None:
    found = signed_in(place, "civil.clerk").get("/api/catalogue/dcat").json()
    dataset = found["dcat:dataset"][0]
    (dataset if drop in dataset else dataset["dct:publisher"]).pop(drop)
    assert said in faults(found)


def faults(node: Any) -> list[str]:
    """What a graph lacks of the profile, or has of the wrong kind."""
    if isinstance(node, list):
        return [fault for each in node for fault in faults(each)]
    if not isinstance(node, dict) or "@value" in node:
        return []
    kind = node.get("@type", "")
    wrong = [f"{kind} lacks {name}" for name in sorted(MANDATORY.get(kind, set()) - node.keys())]
    for name, value in node.items():
        each = value if isinstance(value, list) else [value]
        wrong += [
            f"{name} is no {CLASSES[name]}" for one in each if name in CLASSES and one.get("@type") != CLASSES[name]
        ]
        wrong += [f"{name} twice"] if name in ONCE and len(each) > 1 else []
        wrong += faults(value) if name != "@context" else []
    return wrong
