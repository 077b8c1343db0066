"""The ASVS table is complete and names tests that exist."""

import ast
import re

import pytest

from yiwang.site import paths

TABLE = paths.ROOT / "docs" / "reference" / "asvs.md"
ROW = re.compile(r"^\| (\d+\.\d+\.\d+) \| ([\w/]+) \| (.*?) \| (.+) \|$", re.MULTILINE)
TEST = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")
STATES = {"holds", "partly", "open", "operator", "n/a"}
# How many requirements of level 1 or 2 each section of ASVS 5.0.0 begins with.
SECTIONS = {
    "1.1": 2, "1.2": 9, "1.3": 11, "1.4": 3, "1.5": 2,
    "2.1": 3, "2.2": 3, "2.3": 4, "2.4": 1,
    "3.2": 2, "3.3": 4, "3.4": 6, "3.5": 5, "3.7": 2,
    "4.1": 3, "4.2": 1, "4.3": 2, "4.4": 4,
    "5.1": 1, "5.2": 3, "5.3": 2, "5.4": 3,
    "6.1": 3, "6.2": 12, "6.3": 4, "6.4": 4, "6.5": 5, "6.6": 3, "6.8": 4,
    "7.1": 3, "7.2": 4, "7.3": 2, "7.4": 5, "7.5": 2, "7.6": 2,
    "8.1": 2, "8.2": 3, "8.3": 1, "8.4": 1,
    "9.1": 3, "9.2": 4,
    "10.1": 2, "10.2": 2, "10.3": 4, "10.4": 11, "10.5": 5, "10.6": 2, "10.7": 3,
    "11.1": 2, "11.2": 3, "11.3": 3, "11.4": 4, "11.5": 1, "11.6": 1,
    "12.1": 3, "12.2": 2, "12.3": 4,
    "13.1": 1, "13.2": 5, "13.3": 2, "13.4": 5,
    "14.1": 2, "14.2": 4, "14.3": 3,
    "15.1": 3, "15.2": 3, "15.3": 7,
    "16.1": 1, "16.2": 5, "16.3": 4, "16.4": 3, "16.5": 3,
    "17.1": 1, "17.2": 4, "17.3": 2,
}  # fmt: skip
ROWS = ROW.findall(TABLE.read_text(encoding="utf-8"))


def test_every_requirement_has_one_row() -> None:
    asked = {f"{section}.{number}" for section, count in SECTIONS.items() for number in range(1, count + 1)}
    found = [number for number, *_ in ROWS]
    assert sorted(found) == sorted(asked)
    assert {state for _, state, *_ in ROWS} <= STATES


@pytest.mark.parametrize("path", sorted({path for *_, held in ROWS for path, _ in TEST.findall(held)}))
def test_every_named_test_exists(path: str) -> None:
    named = {name for *_, held in ROWS for file, name in TEST.findall(held) if file == path}
    tree = ast.parse((paths.ROOT / path).read_text(encoding="utf-8"))
    there = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
    assert not named - there, f"docs/reference/asvs.md names tests that are not in {path}: {sorted(named - there)}"


def test_the_sum_that_the_table_states_is_right() -> None:
    said = {
        state: int(count) for count, state in re.findall(r"(\d+) (holds|partly|open|operator|n/a)\b", TABLE.read_text())
    }
    assert said == {state: sum(row[1] == state for row in ROWS) for state in STATES}
