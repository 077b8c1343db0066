"""Every way to break a pack is answered with its file, its line, what is wrong and what to do."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.kernel.packs.tennis_kinds import tennis
from yiwang.kernel.packs import queries

TENNIS = Path(__file__).parents[3] / "packs" / "tennis"
COURT = "federation/courts/court.yaml"
OVER = "riverside/courts/court.yaml"


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    shutil.copytree(TENNIS, tmp_path / "tennis")
    with tennis():
        yield tmp_path / "tennis"


def edit(folder: Path, name: str, old: str, new: str) -> None:
    text = (folder / name).read_text(encoding="utf-8")
    assert old in text
    (folder / name).write_text(text.replace(old, new, 1), encoding="utf-8")


def told(folder: Path) -> list[str]:
    return [str(problem) for problem in queries.check(folder)]


BROKEN = {
    "unknown key": (
        COURT,
        "surface: ",
        "surfaces: ",
        "tennis/federation/courts/court.yaml:6: surfaces: 不认识“surfaces”。是不是想写“surface”？",
    ),
    "unknown key inside": (
        COURT,
        "minutes: 60}\nrates",
        "minuts: 60}\nrates",
        "court.yaml:7: opening.minuts: 不认识“minuts”。是不是想写“minutes”？",
    ),
    "missing key": (
        COURT,
        "title: {zh: 中心球场, en: Centre court}\n",
        "",
        "court.yaml:1: title: 缺少“title”。请补上 title。",
    ),
    "missing key inside": (
        COURT,
        "{name: 访客, cents: 5000}",
        "{name: 访客}",
        "court.yaml:10: rates.1.cents: 缺少“cents”。请补上 cents。",
    ),
    "number for text": (
        COURT,
        "name: 会员, cents",
        "name: 12, cents",
        "court.yaml:9: rates.0.name: 应是文字，现在是“12”。像数字的内容请加引号。",
    ),
    "text for number": (
        COURT,
        "cents: 2000",
        "cents: 二十元",
        "court.yaml:9: rates.0.cents: 应是整数，现在是“二十元”。请写成如 5。",
    ),
    "text for a list": (
        COURT,
        "rates:\n  - {name: 会员, cents: 2000}\n  - {name: 访客, cents: 5000}",
        "rates: 免费",
        "court.yaml:8: rates: 应是一串条目，现在是“免费”。请写成 [甲, 乙]，或每行一个“- ”。",
    ),
    "wrong id": (
        COURT,
        "id: court.centre",
        "id: Court Centre",
        "court.yaml:2: id: “Court Centre”的写法不对。请只用小写字母、数字、点和连字符，如 anlan.birth.form。",
    ),
    "wrong version": (COURT, "version: 2", "version: 0", "court.yaml:3: version: “0”超出范围。不得小于 1。"),
    "wrong time": (
        COURT,
        '"22:00"',
        "晚上",
        'court.yaml:7: opening.closes: 应是时刻，现在是“晚上”。请写成如 "09:00"。',
    ),
    "own rule": (COURT, '"22:00"', '"06:00"', "court.yaml:7: opening: 关门早于开门。请把 closes 写得比 opens 晚。"),
    "no value": (
        COURT,
        "surface: surface.clay",
        "surface:",
        "court.yaml:6: surface: 没有写值。请写上值，或删去这一行。",
    ),
    "unknown kind": (COURT, "kind: Court", "kind: Pool", "court.yaml:1: kind: 没有“Pool”这类包。kind 可以是："),
    "no kind": (COURT, "kind: Court\n", "", "court.yaml:1: kind: 缺少“kind”。kind 可以是："),
    "bad indentation": (
        COURT,
        "rates:\n  - ",
        "rates:\n\t- ",
        "court.yaml:9: 有不能用在这里的符号或制表符（Tab）。请用空格缩进",
    ),
    "duplicate key": (
        COURT,
        "surface: surface.clay",
        "surface: surface.clay\nsurface: surface.grass",
        "court.yaml:7: “surface”写了两次（第6行已有）。请删去一处。",
    ),
    "alias": (
        COURT,
        "surface: surface.clay",
        "surface: &s surface.clay",
        "court.yaml:6: 用了 YAML 引用（& 和 *）。请把内容写全。",
    ),
    "tag": (
        COURT,
        "surface: surface.clay",
        "surface: !!python/object/apply:os.system [id]",
        "court.yaml:6: 用了 YAML 标签（!）。",
    ),
    "merge": (
        COURT,
        "surface: surface.clay",
        "<<: {surface: surface.clay}",
        "court.yaml:6: 用了 YAML 合并（<<）。请把内容写全。",
    ),
    "deep": (COURT, "surface: surface.clay", "surface: " + "[" * 50_000, "court.yaml:6: 嵌套超过32层"),
    "control sign": (
        COURT,
        "surface: surface.clay",
        "surface: \x01",
        "court.yaml:6: 文件里有不可见的控制字符。请删去后另存为 UTF-8 文本。",
    ),
    "reference to nothing": (
        COURT,
        "surface: surface.clay",
        "surface: surface.ice",
        "court.yaml:6: surface: 没有场地面层“surface.ice”。可用的有：surface.clay、surface.grass。",
    ),
    "example does not hold": (
        OVER,
        "then: 1500",
        "then: 1600",
        "tennis/riverside/courts/court.yaml:7: examples.0.then: 算出来是 1500。请核对例子或价目。",
    ),
    "overlay of nothing": (
        OVER,
        "overlay: court.centre",
        "overlay: court.north",
        "riverside/courts/court.yaml:2: overlay: 上级没有 Court court.north。请核对 kind 和 id（可带 @版本）。",
    ),
    "overlay of a closed field": (
        OVER,
        'opening: {closes: "21:00"}',
        'opening: {opens: "09:00"}',
        "riverside/courts/court.yaml:3: opening.opens: 上级不许改这个字段。请删去；这类包可改的是：opening.closes、rates。",
    ),
    "overlay breaks the schema": (OVER, '"21:00"', '"05:00"', "riverside/courts/court.yaml:3: opening: 关门早于开门。"),
    "same id below": (
        OVER,
        "overlay: court.centre",
        "id: court.centre\nversion: 2",
        "riverside/courts/court.yaml:2: id: Court court.centre@2 已在 tennis/federation/courts/court.yaml:2 写过。要改上级的包，请把 id 换成 overlay",
    ),
    "same id beside": (
        "federation/courts/surfaces.yaml",
        "id: surface.grass",
        "id: surface.clay",
        "surfaces.yaml:6: id: Surface surface.clay@1 已在 tennis/federation/courts/surfaces.yaml:2 写过。请改一处的 id",
    ),
    "upper place missing": (
        "riverside/place.yaml",
        "under: federation",
        "under: league",
        "riverside/place.yaml:4: under: 上级地方“league”不存在或绕成了圈。",
    ),
    "place and folder differ": (
        "riverside/place.yaml",
        "id: riverside",
        "id: seaside",
        "riverside/place.yaml:2: id: 与目录名“riverside”不同。请写 id: riverside。",
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_pack_is_told_by_line(folder: Path, name: str) -> None:
    file, old, new, expected = BROKEN[name]
    edit(folder, file, old, new)
    found = told(folder)
    assert any(expected in line for line in found), found
    assert all("\n" not in line for line in found)


def test_the_unbroken_folder_has_no_problem(folder: Path) -> None:
    assert told(folder) == []


def test_files_that_are_no_text_are_refused(folder: Path) -> None:
    courts = folder / "federation" / "courts"
    (courts / "gb.yaml").write_bytes("kind: Surface\nid: surface.gb\ntitle: 硬地\n".encode("gb18030"))
    (courts / "huge.yaml").write_bytes(b"# " + b"x" * 1_000_000)
    (courts / "empty.yaml").write_text("# nothing\n")
    (courts / "list.yaml").write_text("- kind: Surface\n")
    (courts / "short.yml").write_text("kind: Surface\n")
    (courts / "LOUD.YAML").write_text("kind: Surface\n")
    (courts / "many.yaml").write_text("kind: Surface\nx:\n" + " - a\n" * 150_000)
    found = told(folder)
    assert any("gb.yaml:3: 文件不是 UTF-8 编码。请另存为 UTF-8。" in line for line in found)
    assert any("huge.yaml:1: 文件有1,000,001字节" in line for line in found)
    assert any("empty.yaml:1: 文件是空的。" in line for line in found)
    assert any("list.yaml:1: 应是一组“名称: 值”。请从 kind: 写起，冒号用半角，后面空一格。" in line for line in found)
    assert any("short.yml:1: 扩展名是 .yml。请改为 .yaml。" in line for line in found)
    assert any("LOUD.YAML:1: 扩展名是 .YAML。请改为 .yaml。" in line for line in found)
    assert any("many.yaml:" in line and "条目超过" in line for line in found)


def test_links_that_leave_the_folder_are_refused(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "outside.yaml").write_text("kind: Surface\nid: surface.ice\ntitle: 冰\n", encoding="utf-8")
    (folder / "federation" / "courts" / "ice.yaml").symlink_to(tmp_path / "outside.yaml")
    assert any("ice.yaml:1: 是指向配置包目录之外的链接。" in line for line in told(folder))


def test_a_folder_without_a_place_is_told(folder: Path, tmp_path: Path) -> None:
    (folder / "riverside" / "place.yaml").unlink()
    assert any("riverside/place.yaml:1: 每个地方目录要有且只有一个 place.yaml。" in line for line in told(folder))
    (tmp_path / "nothing").mkdir()
    assert any("没有可用的地方包" in line for line in told(tmp_path / "nothing"))


def test_every_problem_of_a_file_is_listed_at_once(folder: Path) -> None:
    edit(folder, COURT, "cents: 2000", "cents: 两")
    edit(folder, COURT, "surface: surface.clay", "surfce: surface.clay")
    assert [line.split(": ")[1] for line in told(folder)] == ["surface", "surfce", "rates.0.cents"]
