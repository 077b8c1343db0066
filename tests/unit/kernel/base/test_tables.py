"""Tables for spreadsheets."""

import csv
import io

import pytest

from yiwang.kernel.base import tables


def test_a_table_is_marked_once_and_read_back_row_by_row() -> None:
    answer = tables.answer([("单位", "件数"), ("市卫健委", 3), (None, "a,b\n“c”")], filename="t.csv")
    assert answer.content.count("\ufeff".encode()) == 1
    rows = list(csv.reader(io.StringIO(answer.content.decode(tables.ENCODING))))
    assert rows == [["单位", "件数"], ["市卫健委", "3"], ["", "a,b\n“c”"]]
    assert answer["Content-Disposition"] == 'attachment; filename="t.csv"'


@pytest.mark.parametrize("formula", ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "-"])
def test_a_cell_that_begins_like_a_formula_is_text(formula: str) -> None:
    assert tables.plain(formula) == f"'{formula}"


@pytest.mark.parametrize("cell", ["-3", "+12.5%", "1,200", "江畔路1号", "", 0, -7])
def test_numbers_and_words_are_left_alone(cell: object) -> None:
    assert tables.plain(cell) == str(cell)
