"""Licence type packs: each mistake is named with its line and what to do."""

import shutil
from pathlib import Path

import pytest

from yiwang.kernel.packs import queries as packs
from yiwang.site import paths

OWNER = 'type_code: {definer: 某厅, uscc: 11990000DM0000011G, serial: "001"}'
SHIPPED = (paths.ROOT / "packs/national/licences/birth-certificate.yaml").read_text(encoding="utf-8")
GOOD = f"{SHIPPED}{OWNER}\n"
NATIONAL = paths.ROOT / "packs/national"


def check(tmp_path: Path, text: str) -> list[str]:
    for folder in ("elements", "codes"):
        shutil.copytree(NATIONAL / folder, tmp_path / "national" / folder)
    (tmp_path / "national" / "place.yaml").write_text(
        "kind: Place\nid: national\ntitle: 全国\nregion: '990000000000'\n"
    )
    (tmp_path / "national" / "type.yaml").write_text(text)
    return [str(problem) for problem in packs.check(tmp_path) if "type.yaml" in problem.path]


def test_the_shipped_type_is_sound(tmp_path: Path) -> None:
    assert check(tmp_path, GOOD) == []


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("{year2}{serial:7}", "{year2}{no:7}", "没有{no}这个位置"),
        ("{year2}{serial:7}", "{year2}", "没有流水号"),
        ("number: Q260000128", "number: Q260000129", "按规则得到 Q260000128"),
        ("element: birth.sex", "element: birth.gender", "没有数据元“birth.gender”"),
        ("lines: [number,", "lines: [nummer,", "没有“nummer”这一项"),
        ("element: birth.certificate-no}", "element: birth.number}", "没有数据元“birth.number”"),
        ("per: everywhere,", "per: everywhere, field: colour,", "没有“colour”这一项"),
        ("holder: person", "holder: person\nmedium: paper", "没有说明为什么仍是纸质"),
        ("kind: permanent", "kind: years", "没有写有效几年"),
        ("11990000DM0000011G", "11990000DM0000011H", "校验位不对"),
        (OWNER, "", "没有定义机构和类型代码"),
        ("kind: permanent", "kind: permanent, remind_days: [30]", "没有到期"),
        (
            "legal_basis: [{title: 中华人民共和国母婴保健法, article: 二十三}]",
            "may_transfer: true",
            "没有写依据哪部法可以转移",
        ),
    ],
)
def test_each_mistake_is_named_where_it_stands(tmp_path: Path, old: str, new: str, said: str) -> None:
    assert old in GOOD
    problems = check(tmp_path, GOOD.replace(old, new, 1))
    assert any(said in problem for problem in problems), problems
