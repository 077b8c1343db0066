"""Files on pages and as JSON: by exact numbers, for a purpose, seen by their subject, objected to from where they are read."""

from collections.abc import Callable

from django.test import Client

from tests.families import Family
from tests.world import MADE_AT, VILLAGE
from yiwang.data.registries import actions, queries
from yiwang.kernel.audit import queries as audit
from yiwang.kernel.base.contracts import SYSTEM
from yiwang.kernel.cases import queries as cases
from yiwang.kernel.cases.models import Case
from yiwang.kernel.orgs import queries as orgs
from yiwang.kernel.people import actions as people

As = Callable[[str], Client]
DESK = "/desk/registries/population"


def test_a_clerk_finds_opens_and_objects(family: Family, client_as: As, run_jobs: Callable[[], int]) -> None:
    mother, clerk = family.world.mother, client_as("health.clerk")
    assert "户籍信息" in clerk.get("/desk/registries").content.decode()
    found = clerk.post(f"{DESK}/search", {"number": mother.id_number.lower()}).content.decode()
    assert mother.subject_key in found
    assert mother.name not in found
    assert f"{mother.name[0]}*" in found
    assert clerk.post(f"{DESK}/search", {"name": mother.name}).status_code == 422
    file = f"{DESK}/files/{mother.subject_key}"
    assert clerk.post(file, {"purpose": ""}).status_code == 422
    page = clerk.post(file, {"purpose": "核对户籍地址", "case_number": "99-1"}).content.decode()
    assert mother.id_number in page
    assert "户籍信息（人口基础库）" in page
    assert "为“核对户籍地址”看了" in page
    assert orgs.full_name(VILLAGE) in page
    said = {"purpose": "核对户籍地址", "column": "address", "claimed": "柳岸社区8号", "words": "门牌已换"}
    assert "异议已转给数源单位" in clerk.post(f"{file}/objection", said).content.decode()
    run_jobs()
    case = cases.peek(Case.objects.get(kind="objection").pk)
    assert (case.org_id, case.title) == (family.world.org("police-household").id, "登记信息异议：户籍地址")
    assert "核对户籍地址" in client_as("mother").get("/my/data-use").content.decode()


def test_who_has_no_post_for_it_sees_nothing(family: Family, client_as: As) -> None:
    other = client_as("city.leader")
    assert other.get("/desk/registries").status_code == 403
    assert other.post(f"{DESK}/search", {"number": family.world.mother.id_number}).status_code == 403
    assert other.post(f"{DESK}/files/{family.world.mother.subject_key}", {"purpose": "看看"}).status_code == 403
    assert client_as("mother").get("/desk/registries").status_code == 403


def test_a_person_reads_the_own_file_and_has_it_put_right(
    family: Family, client_as: As, run_jobs: Callable[[], int]
) -> None:
    world, mother = family.world, client_as("mother")
    client_as("health.clerk").post(f"{DESK}/files/{world.mother.subject_key}", {"purpose": "核对户籍地址"})
    page = mother.get("/my/file").content.decode()
    assert world.mother.id_number in page
    assert world.father.id_number not in page
    assert orgs.full_name(VILLAGE) in page
    assert f"{int(world.mother.id_number[6:10])}年" in page
    assert "核对户籍地址" in page
    mother.cookies["django_language"] = "en"
    assert "My file" in mother.get("/my/file").content.decode()
    del mother.cookies["django_language"]
    assert mother.post("/my/file/objection", {"column": "name", "claimed": ""}).status_code == 422
    assert mother.post("/my/file/objection", {"column": "address", "claimed": "柳岸社区8号"}).status_code == 302
    run_jobs()
    case = Case.objects.get(kind="objection")
    actions.correct(case_id=case.pk, value="", by=SYSTEM, at=world.at)
    value = next(each for each in queries.file("population", world.mother.subject_key).values if each.name == "address")
    assert (value.value, value.is_corrected, value.source_title) == ("柳岸社区8号", True, case.number)
    assert "已更正" in mother.get("/my/file").content.decode()
    assert queries.person(world.mother.subject_key).address == "柳岸社区8号"


def test_the_same_as_json(family: Family, client_as: As) -> None:
    mother, clerk = family.world.mother, client_as("health.clerk")
    given = {"content_type": "application/json"}
    (found,) = clerk.post("/api/registries/population/search", {"number": mother.id_number}, **given).json()["items"]
    assert found["shown"]["name"] == mother.name[0] + "*" * (len(mother.name) - 1)
    path = f"/api/registries/population/files/{found['key']}"
    file = clerk.post(path, {"purpose": "核对户籍地址"}, **given).json()
    assert {each["name"]: each["value"] for each in file["values"]}["id_number"] == mother.id_number
    assert clerk.post(path, {"purpose": "看"}, **given).status_code == 422
    assert clerk.get("/api/registries").status_code == 403, "how registries stand is the steward's"
    assert clerk.get("/api/registries/population/changes").status_code == 403, "followers are machines"


def test_a_follower_asks_on_from_the_last_number(family: Family, client_as: As) -> None:
    world, machine, path = family.world, client_as("machine"), "/api/registries/population/changes"
    assert machine.get(path).status_code == 403
    people.appoint(
        account_id=world.account("machine").id, org_id=world.org("city").id, post_type="data-follower", title="订阅系统",
        since=MADE_AT.date(), by=SYSTEM, at=MADE_AT,
    )  # fmt: skip
    first = machine.get(path, {"limit": 1}).json()["items"]
    rest = machine.get(path, {"after": first[0]["number"]}).json()["items"]
    assert {each["key"] for each in (*first, *rest)} == {world.mother.subject_key, world.father.subject_key}
    assert first[0]["kind"] == "added"
    assert "value" not in first[0]
    read = machine.post(
        f"/api/registries/population/followed/{first[0]['key']}",
        {"purpose": "同步参保信息"},
        content_type="application/json",
    )
    assert read.status_code == 200
    assert [use.purpose for use in audit.disclosures_of(first[0]["key"]).items] == ["同步参保信息"]
