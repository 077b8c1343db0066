"""Every way to break a pack is answered with its file, its line, what is wrong and what to do, and with nothing else."""

import re
import shutil
import time
from pathlib import Path
from typing import Any

import pytest
import yaml

from yiwang.kernel.packs import queries

SOUND = Path(__file__).parent / "broken"
TABLE: list[dict[str, Any]] = yaml.safe_load((SOUND / "table.yaml").read_text(encoding="utf-8"))
SPOT = re.compile(r"^\w+/[\w.]+\.yaml:\d+: .*?[。？！]\S.*[。？！]$")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(SOUND, tmp_path / "broken"))


def told(folder: Path) -> list[str]:
    return [str(problem).removeprefix("broken/") for problem in queries.check(folder)]


def test_the_unbroken_folder_has_no_problem(folder: Path) -> None:
    assert told(folder) == []


@pytest.mark.parametrize("case", TABLE, ids=lambda case: case["name"])
def test_a_broken_pack_is_told_by_file_and_line(folder: Path, case: dict[str, Any]) -> None:
    path = folder / case["file"]
    text = path.read_text(encoding="utf-8")
    assert case["from"] in text
    path.write_text(text.replace(case["from"], case["to"], 1), encoding="utf-8")
    assert told(folder) == case["says"]


@pytest.mark.parametrize("case", TABLE, ids=lambda case: case["name"])
def test_each_says_where_what_and_what_to_do(case: dict[str, Any]) -> None:
    assert case["says"]
    assert [line for line in case["says"] if not SPOT.match(line)] == []


def test_there_are_many_ways() -> None:
    names = [case["name"] for case in TABLE]
    assert len(names) == len(set(names)) >= 60


LAUGHS = "kind: CodeList\na: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{name}: &{name} [*{before}, *{before}, *{before}, *{before}, *{before}, *{before}, *{before}, *{before}]\n"
    for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)
HOSTILE = {
    "a billion laughs": (LAUGHS.encode(), "land/x.yaml:2: 用了 YAML 引用（& 和 *）。请把内容写全。"),
    "an alias of itself": (b"kind: CodeList\na: &a [*a]\n", "land/x.yaml:2: 用了 YAML 引用（& 和 *）。请把内容写全。"),
    "a huge file": (b"#" * 50_000_000, "land/x.yaml:1: 文件有1,000,001字节，超过1,000,000字节。请拆成几个文件。"),
    "deep brackets": (b"a: " + b"[" * 300_000, "land/x.yaml:1: 嵌套超过32层或条目超过100,000个。请拆成几个文件。"),
    "deep mappings": (b"{a: " * 100_000, "land/x.yaml:1: 嵌套超过32层或条目超过100,000个。请拆成几个文件。"),
    "many entries": (b"a:\n" + b"- 1\n" * 200_000, "land/x.yaml:100000: 嵌套超过32层或条目超过100,000个。请拆成几个文件。"),
    "code to run": (b"a: !!python/object/apply:os.system [id]\n", "land/x.yaml:1: 用了 YAML 标签（!）。请删去标签，只写文字、数字、true 或 false。"),
    "another encoding": ("kind: 甲\n".encode("gb18030"), "land/x.yaml:1: 文件不是 UTF-8 编码。请另存为 UTF-8。"),
    "control signs": (b"a: \x00\n", "land/x.yaml:1: 文件里有不可见的控制字符。请删去后另存为 UTF-8 文本。"),
    "nothing": (b"", "land/x.yaml:1: 文件是空的。请写上 kind、id、title，或删去文件。"),
    "a key of brackets": (b"[a, b]: 1\n", "land/x.yaml:1: 键只能是文字。请写成“名称: 值”。"),
    "only words": ("早上好\n".encode(), "land/x.yaml:1: 应是一组“名称: 值”。请从 kind: 写起，冒号用半角，后面空一格。"),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_refused_at_once(folder: Path, name: str) -> None:
    content, expected = HOSTILE[name]
    (folder / "land" / "x.yaml").write_bytes(content)
    began = time.process_time()
    assert told(folder) == [expected]
    assert time.process_time() - began < 3
