"""Implementation lists: publication from packs, versions with their days, clashes, edits by staff, and odd import files."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from tests.world import AT, World
from yiwang.kernel.base.contracts import SYSTEM, Denied
from yiwang.kernel.packs import queries as packs
from yiwang.kernel.packs.contracts import Pack, PackSet
from yiwang.kernel.people import actions as people
from yiwang.kernel.people.contracts import NewPost, NewStaff
from yiwang.kernel.workdays.contracts import Limit
from yiwang.services.matters import actions, queries
from yiwang.services.matters.contracts import (
    CannotPublish,
    Content,
    ImplementationClash,
    ImplementationView,
    ImportReport,
    ListUnreadable,
    MatterType,
    NoSuchImplementation,
    Origin,
)
from yiwang.services.matters.kinds import MatterPack
from yiwang.services.matters.models import ImplementationVersion, ImportProblem
from yiwang.services.matters.queries import Filter

TODAY = date(2026, 11, 23)
HEADER = "department,main_item,name,item_code,task_type,task_type_name,area_code,dept_code\n"
CODE = "512036010003-990102000000-000-{uscc}-1-00"


def matter(title: str = "渔船证", promised: str = "5 workdays", sub: str = "001") -> Pack:
    body = MatterPack.model_validate(
        {
            "kind": "Matter",
            "id": "t.health.boat",
            "title": {"zh": title, "en": "Boat licence"},
            "code": {"base": f"992023001{sub}"},
            "type": "公共服务",
            "level": "county",
            "handled_by": "health",
            "handling": "承诺件",
            "audience": ["person"],
            "channels": ["web"],
            "promise": {"statutory": "10 workdays", "promised": promised},
            "themes": ["other"],
            "keywords": ["打鱼"],
            "visits": 1,
            "materials": [{"key": "boat", "name": "渔船照片", "from": "applicant", "why": "没有来源"}],
            "result": "paper:渔船证",
            "form": "t.form",
            "flow": "t.flow@1",
        }
    )
    return Pack("Matter", body.id, 1, body.title, title + promised, "t", "t.yaml", body, {})


@pytest.fixture
def published(world: World) -> Iterator[World]:
    with packs.using(PackSet([matter()])):
        actions.publish(by=SYSTEM, at=AT)
        yield world


def health(world: World, on: date = TODAY) -> ImplementationView:
    return queries.implementation("t.health.boat", on=on, org_id=world.org("health").id)


def test_every_organisation_of_the_kind_and_level_gets_its_list(published: World) -> None:
    here, other = published.org("health"), published.org("other-health")
    item = health(published)
    assert item.code == f"{here.uscc}4992023001001"
    assert (item.origin, item.org_name, item.consult_phone) == (Origin.PACK, here.name, here.phone)
    assert queries.by_code(f"{other.uscc}4992023001001", on=TODAY).org_id == other.id
    assert queries.implementation("t.health.boat", on=TODAY, region_code="990102001000").id == item.id
    assert item.may_apply_online


def test_publishing_again_changes_nothing(published: World) -> None:
    again = actions.publish(by=SYSTEM, at=AT + timedelta(days=3))
    assert (again.created, again.updated, again.unchanged, again.ended) == (0, 0, 2, 0)
    assert health(published).version == 1


def test_a_changed_pack_is_a_new_version_from_that_day(published: World) -> None:
    with packs.using(PackSet([matter(promised="3 workdays")])):
        report = actions.publish(by=SYSTEM, at=AT + timedelta(days=1))
    assert report.updated == 2
    assert str(health(published).promised) == "5个工作日"
    tomorrow = health(published, TODAY + timedelta(days=1))
    assert (tomorrow.version, str(tomorrow.promised)) == (2, "3个工作日")
    newest, oldest = queries.history(tomorrow.code)
    assert (newest.version, newest.changed) == (2, ("promised",))
    assert oldest.effective_to == newest.effective_from


def test_a_change_on_the_first_day_leaves_a_version_that_never_held(published: World) -> None:
    with packs.using(PackSet([matter(promised="3 workdays")])):
        actions.publish(by=SYSTEM, at=AT)
    assert health(published).version == 2
    assert queries.history(health(published).code)[1].effective_from is None


def test_what_packs_no_longer_define_ends(published: World) -> None:
    with packs.using(PackSet([])):
        assert actions.publish(by=SYSTEM, at=AT + timedelta(days=1)).ended == 2
    assert health(published).effective_to == TODAY + timedelta(days=1)
    with pytest.raises(NoSuchImplementation):
        queries.by_code(f"{published.org('health').uscc}4992023001001", on=TODAY + timedelta(days=1))


def test_two_versions_cannot_hold_on_one_day(published: World) -> None:
    row = ImplementationVersion.objects.get(pk=health(published).version_id)
    row.pk, row.version = None, 9
    with pytest.raises(IntegrityError), transaction.atomic():
        row.save()


def test_a_pack_does_not_take_over_what_a_list_brought(world: World, tmp_path: Path) -> None:
    code = f"{world.org('health').uscc}4992023001001"
    load(tmp_path, f"区卫健局,未分类,清单里的渔船证,{code},20,公共服务,990102000000,1")
    with packs.using(PackSet([matter()])), pytest.raises(ImplementationClash) as clash:
        actions.publish(by=SYSTEM, at=AT)
    assert code in clash.value.message
    assert queries.by_code(code, on=TODAY).origin is Origin.IMPORT


def test_a_list_does_not_take_over_what_a_pack_brought(published: World, tmp_path: Path) -> None:
    code = f"{published.org('health').uscc}4992023001001"
    report = load(tmp_path, f"区卫健局,未分类,清单里的渔船证,{code},20,公共服务,990102000000,1")
    assert (report.set_aside, report.created) == (1, 0)
    assert "已由配置包或页面维护" in report.lines()[0]


def test_search_finds_by_two_signs_keyword_code_and_english(published: World) -> None:
    assert [row.code for row in queries.search(Filter(text=health(published).code), on=TODAY).items] == [
        health(published).code
    ]
    for text in ("渔船", "打鱼", "船证", "boat", "船"):
        assert [row.name for row in queries.search(Filter(text=text), on=TODAY).items] == ["渔船证", "渔船证"], text
    assert not queries.search(Filter(text="船渔"), on=TODAY).items
    assert not queries.search(Filter(text="渔船", theme="health"), on=TODAY).items
    assert len(queries.search(Filter(theme="other", audience="person", is_online=True), on=TODAY).items) == 2


def test_lists_and_guides_cost_the_same_however_much_there_is(published: World) -> None:
    with CaptureQueriesContext(connection) as captured:
        queries.search(Filter(), on=TODAY)
    assert len(captured) == 2
    with CaptureQueriesContext(connection) as captured:
        health(published)
    assert len(captured) == 2


def revised(world: World, item: ImplementationView, by: str, **values: object) -> ImplementationView:
    content = Content(name=item.name, type=item.type)
    return actions.revise(
        code=item.code,
        content=replace(content, **values),
        effective_on=TODAY + timedelta(days=7),
        by=world.actor(by),
        at=AT,
    )


@pytest.fixture
def listed(world: World, tmp_path: Path) -> ImplementationView:
    code = CODE.format(uscc=world.org("health").uscc)
    load(tmp_path, f"区卫健局,未分类,渔船证,{code},20,公共服务,990102000000,1")
    post = NewPost(world.org("district").id, "list-editor", "事项管理员")
    editor = NewStaff(username="editor", name="事项管理员", posts=(post,), password_hash="!")
    world.accounts["editor"] = people.create_staff(staff=[editor], by=SYSTEM, at=AT)[0]
    return queries.by_code(code, on=TODAY)


def test_staff_lay_down_a_new_version_from_a_day_to_come(world: World, listed: ImplementationView) -> None:
    revised(world, listed, "editor", promised=Limit.parse("2 workdays"))
    assert queries.by_code(listed.code, on=TODAY).promised is None
    later = queries.by_code(listed.code, on=TODAY + timedelta(days=7))
    assert (str(later.promised), later.origin, later.version) == ("2个工作日", Origin.PAGE, 2)


def test_only_those_with_the_permission_there_may_edit(world: World, listed: ImplementationView) -> None:
    for nobody in ("health.clerk", "mother"):
        with pytest.raises(Denied):
            revised(world, listed, nobody, visits=1)


def test_an_edit_that_changes_nothing_or_lies_in_the_past_is_refused(world: World, listed: ImplementationView) -> None:
    editor = world.actor("editor")
    same = listed.content
    with pytest.raises(CannotPublish, match="没有变化"):
        actions.revise(code=listed.code, content=same, effective_on=TODAY, by=editor, at=AT)
    with pytest.raises(CannotPublish, match="不能早于今天"):
        actions.revise(code=listed.code, content=same, effective_on=TODAY - timedelta(days=1), by=editor, at=AT)


def load(folder: Path, *lines: str, encoding: str = "utf-8-sig", at: datetime = AT) -> ImportReport:
    path = folder / "items.csv"
    path.write_bytes((HEADER + "\n".join(lines) + "\n").encode(encoding))
    return actions.import_list(path=path, by=SYSTEM, at=at)


def test_lines_that_cannot_be_records_are_set_aside_with_their_line(world: World, tmp_path: Path) -> None:
    code = CODE.format(uscc=world.org("health").uscc)
    report = load(
        tmp_path,
        f"区卫健局,未分类,渔船证,{code},20,公共服务,990102000000,1",
        f'区卫健局,未分类,"跨两行的\n事项",{code.replace("003-", "004-")},20,公共服务,990102000000,1',
        "区卫健局,未分类,没有编码,,20,公共服务,990102000000,1",
        f"区卫健局,未分类,,{code},20,公共服务,990102000000,1",
        f"区卫健局,未分类,类型不对,{code.replace('003-', '005-')},99,其他,990102000000,1",
        f"区卫健局,未分类,区划不对,{code.replace('003-', '006-')},20,公共服务,9901,1",
        "区卫健局,未分类,少一列,x,20",
        f"区卫健局,未分类,重复,{code},20,公共服务,990102000000,1",
    )
    assert (report.read, report.created, report.set_aside, report.is_reconciled) == (8, 2, 6, True)
    assert [problem.line for problem in report.problems] == [5, 6, 7, 8, 9, 10]
    assert ImportProblem.objects.filter(is_refusal=True).count() == 6
    assert "没有编码" in ImportProblem.objects.get(line=5).line_text


def test_a_list_in_gb18030_is_read(world: World, tmp_path: Path) -> None:
    code = CODE.format(uscc=world.org("health").uscc)
    report = load(tmp_path, f"区卫健局,未分类,渔船证𬭎,{code},20,公共服务,990102000000,1", encoding="gb18030")
    assert report.created == 1
    assert queries.by_code(code, on=TODAY).name == "渔船证𬭎"


def test_a_changed_line_is_a_new_version(world: World, tmp_path: Path) -> None:
    code = CODE.format(uscc=world.org("health").uscc)
    load(tmp_path, f"区卫健局,未分类,渔船证,{code},20,公共服务,990102000000,1")
    report = load(tmp_path, f"区卫健局,渔业,渔船证,{code},20,公共服务,990102000000,1")
    assert report.updated == 1
    assert queries.by_code(code, on=TODAY).main_item == "渔业"


@pytest.mark.parametrize("text", ["a,b\n1,2\n", "", HEADER + '"x'])
def test_what_is_no_list_is_refused_whole(world: World, tmp_path: Path, text: str) -> None:
    path = tmp_path / "items.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ListUnreadable) as refused:
        actions.import_list(path=path, by=SYSTEM, at=AT)
    assert refused.value.hint


def test_only_the_operator_imports(world: World, tmp_path: Path) -> None:
    path = tmp_path / "items.csv"
    path.write_text(HEADER, encoding="utf-8")
    with pytest.raises(Denied):
        actions.import_list(path=path, by=world.actor("health.clerk"), at=AT)


def test_licensing_law_holds_for_licences_only() -> None:
    law = queries.procedure(MatterType.LICENCE)
    assert law is not None
    assert (str(law.periods["decision"].limit), str(law.periods["extension"].limit)) == ("20个工作日", "10个工作日")
    assert (str(law.periods["joint-decision"].limit), str(law.periods["joint-extension"].limit)) == (
        "45个工作日",
        "15个工作日",
    )
    assert law.periods["correction-notice"].silence
    for kind in set(MatterType) - {MatterType.LICENCE}:
        assert queries.procedure(kind) is None
