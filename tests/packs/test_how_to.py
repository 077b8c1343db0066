"""What the how-to says about packs is so: its files check, its error is the one that comes, its conditions compile."""

import re
import shutil
from pathlib import Path

import pytest

from yiwang.kernel.packs import queries
from yiwang.kernel.rules import queries as rules
from yiwang.site import paths

BLOCK = re.compile(r"^```yaml\n(# (packs/\S+)\n.*?)^```", re.MULTILINE | re.DOTALL)
ERROR = re.compile(r"^```text\n(.*?)\n```", re.MULTILINE | re.DOTALL)
CONDITION = re.compile(r"^\| `(.+?)` \|", re.MULTILINE)
TYPES = {
    "age": "integer", "sex": "code", "born_on": "date", "as_of": "date", "children": "integer", "spouse_name": "text",
    "person.born-on": "date",
}  # fmt: skip

pytestmark = pytest.mark.parametrize("name", ["write-a-pack.md", "write-a-pack.zh-CN.md"])


def text_of(name: str) -> str:
    return (paths.ROOT / "docs" / "how-to" / name).read_text(encoding="utf-8")


def written(name: str, tmp_path: Path) -> Path:
    """The checkout's packs with the how-to's files among them."""
    shutil.copytree(paths.ROOT / "packs", tmp_path / "packs")
    blocks = BLOCK.findall(text_of(name))
    assert len(blocks) == 3
    for content, path in blocks:
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(content, encoding="utf-8")
    return tmp_path / "packs"


def test_its_files_have_no_problem(name: str, tmp_path: Path) -> None:
    found = queries.read(written(name, tmp_path), "anlan")
    assert found.get("DataElement", "anlan.pet.breed").title.en == "Breed of dog"


def test_its_error_is_the_one_that_comes(name: str, tmp_path: Path) -> None:
    breed = written(name, tmp_path) / "anlan" / "pets" / "breed.yaml"
    breed.write_text(breed.read_text(encoding="utf-8").replace("sensitivity", "sensitivty"), encoding="utf-8")
    (promised,) = ERROR.findall(text_of(name))
    assert promised in [str(problem) for problem in queries.check(tmp_path / "packs")]


def test_its_conditions_compile(name: str, tmp_path: Path) -> None:
    conditions = CONDITION.findall(text_of(name))
    assert len(conditions) == 6
    for condition in conditions:
        assert rules.compile(condition, TYPES).type == "bool"
