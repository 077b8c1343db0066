"""Ask once: the report of everything asked anywhere, what is saved, and the pages that show it to staff."""

import json
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner
from django.conf import settings
from django.test import Client

from tests.world import World, place_packs
from yiwang.kernel.base.contracts import SYSTEM
from yiwang.kernel.forms import queries as forms
from yiwang.kernel.forms.contracts import Asked
from yiwang.kernel.packs import actions, queries
from yiwang.services.journeys import queries as journeys
from yiwang.site.cli import packs as cli

BROKEN = Path(__file__).parent / "broken"
AT = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


def rows(**wanted: str) -> list[Asked]:
    found = forms.ask_report(place_packs()).rows
    return [row for row in found if all(getattr(row, name) == value for name, value in wanted.items())]


def test_every_field_and_material_is_in_it_with_a_source_or_a_reason() -> None:
    found = forms.ask_report(place_packs()).rows
    fields = sum(len(list(forms.get(pack.id).fields())) for pack in place_packs().all_of("Form"))
    assert sum(row.what == "field" for row in found) == fields
    assert [row for row in found if not (row.source if row.is_known else row.why)] == []
    assert [row for row in found if row.authority and not row.is_known and not row.why] == []


def test_a_field_says_who_answers_for_it() -> None:
    (mother,) = rows(pack_id="anlan.birth.form", name="mother_name")
    assert (mother.element, mother.authority, mother.is_known) == ("person.name", "population", True)
    (phone,) = rows(pack_id="anlan.birth.form", name="mother_phone")
    assert (phone.is_known, bool(phone.why)) == (False, True)


def test_a_material_says_where_it_is_taken_from() -> None:
    card = "anlan.human-resources.social-security-card"
    (book,) = rows(pack_id=card, name="household-book")
    assert (book.what, book.is_known, book.source) == ("material", True, "居民户口簿")
    (photo,) = rows(pack_id=card, name="child-photo")
    assert (photo.is_known, photo.why) == (False, "没有可以共享的来源；可以先办后补")


def test_savings_are_counted_per_matter_and_one_thing() -> None:
    savings = {saved.pack_id: saved for saved in forms.ask_report(place_packs()).savings}
    assert savings.keys() == {pack.id for kind in ("Matter", "Journey") for pack in place_packs().all_of(kind)}
    card = savings["anlan.human-resources.social-security-card"]
    assert (card.materials, card.materials_known) == (4, 3)
    whole, explained = savings["anlan.birth.one-thing"], journeys.explain("anlan.birth.one-thing")
    assert whole.fields == explained.own_field_rows
    assert whole.materials - whole.materials_known == len(explained.materials_asked)
    assert whole.fields_known > sum(saved.fields_known for saved in savings.values()) / 3


def test_what_is_held_may_be_asked_for_with_a_reason(tmp_path: Path) -> None:
    root = Path(shutil.copytree(BROKEN, tmp_path / "broken"))
    path = root / "land" / "matters.yaml"
    sound = path.read_text(encoding="utf-8")
    path.write_text(sound.replace("name: 旧徽章, from", "name: 小国徽章证, from"), encoding="utf-8")
    assert len(queries.check(root)) == 1
    reason = "name: 小国徽章证, ask: 旧证要当场剪角, from"
    path.write_text(sound.replace("name: 旧徽章, from", reason), encoding="utf-8")
    assert queries.check(root) == []
    (row,) = [row for row in forms.ask_report(queries.read(root, "land")).rows if row.name == "old-badge"]
    assert (row.is_known, row.why) == (False, "旧证要当场剪角")


def test_the_command_prints_it_for_people_and_for_programs() -> None:
    said = CliRunner().invoke(cli.command, ["asked", str(BROKEN), "--place", "land"])
    assert said.exit_code == 0
    assert "领徽章：3个填写项免1个，1份材料免0份。" in said.output
    found = json.loads(CliRunner().invoke(cli.command, ["asked", str(BROKEN), "--place", "town", "--json"]).output)
    assert {row["kind"] for row in found["rows"]} == {"Form", "Matter"}
    assert found["savings"][0].keys() == {
        "kind", "pack_id", "title", "fields", "fields_known", "materials", "materials_known",
    }  # fmt: skip


@pytest.fixture
def released(world: World) -> int:
    return queries.releases().items[0].number


def test_staff_who_keep_packs_see_what_is_in_force_and_who_loaded_it(
    released: int, client_as: Callable[[str], Client]
) -> None:
    steward = client_as("city.steward")
    page = steward.get("/desk/packs").content.decode()
    assert "社会保障卡申领" in page
    assert f"/desk/packs/releases/{released}" in page
    assert "系统" in page
    one = steward.get("/desk/packs/LicenceType/birth-certificate@1").content.decode()
    assert "packs/anhe/licences/type-codes.yaml" in one
    assert "type_code" in one
    assert "每一项的来源" in steward.get("/desk/packs/asked").content.decode()
    assert steward.get("/desk/packs/Form/none@1").status_code == 404


def test_staff_see_what_a_release_changed(released: int, client_as: Callable[[str], Client], tmp_path: Path) -> None:
    root = Path(shutil.copytree(settings.YIWANG_PACKS, tmp_path / "packs"))
    card = root / "anhe/birth/social-security-card.yaml"
    card.write_text(card.read_text(encoding="utf-8").replace("statutory: 30", "statutory: 25"), encoding="utf-8")
    later = actions.load(root, by=SYSTEM, at=AT).release
    steward = client_as("city.steward")
    page = steward.get(f"/desk/packs/releases/{later}").content.decode()
    assert "法定时限由 30个工作日 改为 25个工作日" in page
    assert "packs/anhe/birth/social-security-card.yaml" in page
    assert "法定时限由 25个工作日 改为 30个工作日" in steward.get("/desk/packs/folder").content.decode()
    assert "没有变化" in steward.get(f"/desk/packs/releases/{later}?from={later}").content.decode()


@pytest.mark.parametrize("path", ["/desk/packs", "/desk/packs/asked", "/desk/packs/folder", "/desk/packs/releases/1"])
def test_others_do_not_see_the_pages(path: str, client_as: Callable[[str], Client]) -> None:
    assert client_as("health.clerk").get(path).status_code == 403
    assert client_as("mother").get(path).status_code in (302, 403)
