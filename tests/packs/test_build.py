"""What `packs build` makes: schemas that know sound packs from broken ones, and a manual that is the same every time."""

import re
from collections.abc import Callable, Iterator
from decimal import Decimal
from functools import cache
from typing import Any

import pytest
from django.conf import settings
from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match
from referencing import Registry, Resource

from tests.world import place_packs
from yiwang.kernel.packs import _yaml, queries
from yiwang.kernel.packs.contracts import PackModel, Sheet, known_kinds, spec_of

CARD = "anhe/birth/social-security-card.yaml"
YUNDU = "yundu/matters/materials.yaml"


@cache
def schemas() -> dict[str, dict[str, Any]]:
    return queries.schemas()


@cache
def editor() -> Draft202012Validator:
    """What an editor does with `pack.schema.json`."""
    registry = Registry().with_resources([(name, Resource.from_contents(body)) for name, body in schemas().items()])
    return Draft202012Validator(schemas()["pack.schema.json"], registry=registry)


@cache
def built() -> tuple[Sheet, ...]:
    return tuple(queries.build(place_packs()))


def as_editor_sees(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: as_editor_sees(each) for name, each in value.items()}
    if isinstance(value, list):
        return [as_editor_sees(each) for each in value]
    return float(value) if isinstance(value, Decimal) else value


def shipped() -> Iterator[tuple[str, Any]]:
    for path in sorted(settings.YIWANG_PACKS.rglob("*.yaml")):
        for document in _yaml.read(path.read_bytes()):
            yield f"{path.relative_to(settings.YIWANG_PACKS)}:{document.line}", as_editor_sees(document.data)


def document(name: str) -> dict[str, Any]:
    return as_editor_sees(_yaml.read((settings.YIWANG_PACKS / name).read_bytes())[0].data)  # type: ignore[no-any-return]


def test_every_kind_has_a_sound_schema() -> None:
    assert {name.removesuffix(".schema.json") for name in schemas()} == {*known_kinds(), "pack"}
    for schema in schemas().values():
        Draft202012Validator.check_schema(schema)


def test_every_shipped_pack_is_sound_to_an_editor() -> None:
    wrong = {where: best_match(editor().iter_errors(data)) for where, data in shipped()}
    assert {where: fault.message for where, fault in wrong.items() if fault} == {}
    assert len(wrong) > 200


def change(data: dict[str, Any], *path: str | int) -> Any:
    for part in path:
        data = data[part]  # type: ignore[index]
    return data


BROKEN: dict[str, tuple[str, Callable[[dict[str, Any]], Any]]] = {
    "unknown kind": (CARD, lambda d: d.update(kind="Mater")),
    "unknown key": (CARD, lambda d: d.update(levle="county")),
    "missing key": (CARD, lambda d: d.pop("title")),
    "limit without a unit": (CARD, lambda d: d["promise"].update(promised="10")),
    "limit in a number": (CARD, lambda d: d["promise"].update(promised=10)),
    "type of no standard": (CARD, lambda d: d.update(type="行政服务")),
    "source of no kind": (CARD, lambda d: d["materials"][0].update({"from": "licenses:x"})),
    "wrong id": (CARD, lambda d: d.update(id="Card 1")),
    "text for a list": (CARD, lambda d: d.update(materials="无")),
    "half a text": (CARD, lambda d: d.update(title={"en": "Card"})),
    "way without an end": ("national/flows/permit.yaml", lambda d: next(iter(change(d, "steps").values()))["choices"].update(x={"name": "无"})),
    "step of no type": ("national/flows/permit.yaml", lambda d: d["steps"].update(x={"name": "无", "type": "magic"})),
    "overlay of a closed field": (YUNDU, lambda d: d.update(form="x")),
    "overlay item without its key": (YUNDU, lambda d: d["materials"].append({"copies": 1})),
    "overlay with an id": (YUNDU, lambda d: d.update(id="x")),
    "overlay drop that is no drop": (YUNDU, lambda d: d["materials"][0].update(drop=False)),
}  # fmt: skip


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_pack_is_not_sound_to_an_editor(name: str) -> None:
    path, breaking = BROKEN[name]
    data = document(path)
    assert list(editor().iter_errors(data)) == []
    breaking(data)
    assert list(editor().iter_errors(data)) != []


def test_editors_show_the_chinese_names() -> None:
    matter = schemas()["Matter.schema.json"]
    assert matter["else"]["properties"]["promise"]["title"] == "时限"
    assert matter["$defs"]["PromisePart"]["properties"]["promised"]["title"] == "承诺时限"
    assert issubclass(spec_of("Matter").schema, PackModel)  # type: ignore[union-attr]


def test_the_manual_has_a_page_for_every_matter_flow_and_form() -> None:
    pages = {sheet.path: sheet.text for sheet in built()}
    for kind, folder in (("Matter", "matters"), ("Flow", "flows"), ("Form", "forms"), ("Journey", "journeys")):
        for pack in place_packs().all_of(kind):
            assert pages[f"manual/anlan/{folder}/{pack.reference}.md"].startswith(f"# {pack.title}\n")
            assert f"{folder}/{pack.reference}.md" in pages["manual/anlan/index.md"]
    for pack in place_packs().all_of("Flow"):
        assert pages[f"manual/anlan/flows/{pack.reference}.svg"].startswith("<svg ")


def test_a_matters_page_says_what_its_pack_says() -> None:
    page = next(s.text for s in built() if s.path.endswith("matters/anlan.human-resources.social-security-card@1.md"))
    assert "| 承诺时限 | 3个工作日（取得公民身份号码后起算） |" in page
    assert "| 居民户口簿 | 证照核验：居民户口簿 | 原件 | 1 | 主件 | — | 从户籍信息核验 |" in page
    assert "![社会保障卡申领](../flows/anlan.birth.card@1.svg)" in page


def test_a_flows_page_has_its_examples_as_a_table() -> None:
    page = next(sheet.text for sheet in built() if sheet.path.endswith("flows/anlan.birth.card@1.md"))
    assert "| 制卡完成 | 人社制卡系统办理：制卡完成 | 以 granted 结束 |" in page


def test_links_and_pictures_lead_to_pages_that_are_there() -> None:
    pages = {sheet.path for sheet in built()}
    for sheet in built():
        if sheet.path.endswith(".md"):
            folder = sheet.path.split("/")[:-1]
            for link in re.findall(r"\]\(([^)]+?\.(?:md|svg))\)", sheet.text):
                up = link.count("../")
                target = "/".join([*folder[: len(folder) - up], link.removeprefix("../" * up)])
                assert target in pages, f"{sheet.path}: {link}"


def test_the_same_packs_make_the_same_files() -> None:
    assert tuple(queries.build(place_packs())) == built()
    assert len({sheet.path for sheet in built()}) == len(built())


def test_a_province_gets_a_manual_for_each_of_its_places() -> None:
    pages = {sheet.path: sheet.text for sheet in queries.build(place_packs("anhe"))}
    card = "matters/anlan.human-resources.social-security-card@1.md"
    assert "| 承诺时限 | 3个工作日" in pages[f"manual/anlan/{card}"]
    assert "| 承诺时限 | 2个工作日" in pages[f"manual/yundu/{card}"]
    assert "packs/yundu/matters/limits.yaml" in pages[f"manual/yundu/{card}"]
