"""What a delivery becomes: rows in the lake, rows set aside with reasons, repeats counted; nothing is lost on the way."""

import csv
import io
import zipfile
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from tests.unit.data.ingest.conftest import Deliver, rows
from tests.world import AT
from yiwang.data.engine import queries as lakes
from yiwang.data.ingest import _encoding, _reading, actions, queries
from yiwang.data.ingest.contracts import BatchView, CannotDecide, CannotRead, NoSuchSource, State
from yiwang.data.ingest.kinds import NotationPart, SourcePack
from yiwang.data.ingest.models import Batch
from yiwang.kernel.base.contracts import ANONYMOUS, SYSTEM, Denied

HEAD = "代码,名称,人数,日期,类型\n"


def counts(batch: BatchView) -> tuple[int, int, int, int]:
    assert batch.state is State.TAKEN
    return batch.read, batch.taken, batch.quarantined, batch.duplicate


def set_aside(batch: BatchView) -> list[tuple[int, str, str]]:
    return [(each.line, each.column, each.reason) for each in queries.quarantine(batch.id).items]


def test_rows_become_typed_and_what_does_not_fit_is_named(deliver: Deliver) -> None:
    batch = deliver(
        "t.firms",
        HEAD
        + "A1,甲店,12,2026-01-02,1\nA2,乙店,１２,2026年1月2日,个体\n,丙店,1,2026-01-02,1\nA4,丁店,许多,2026-01-02,1\n"
        "A5,戊店,,2026-02-30,别的\nA5,戊店,,2026-02-30,别的\n",
    )
    assert counts(batch) == (6, 5, 0, 1)
    assert (batch.standard, batch.unfit) == (3, 2)
    values = rows("standard.firms", "_line, code, name, headcount, opened_on::VARCHAR, kind")
    assert values == [
        (2, "A1", "甲店", 12, "2026-01-02", "1"),
        (3, "A2", "乙店", 12, "2026-01-02", "2"),
        (6, "A5", "戊店", None, None, "别的"),
    ]
    assert set_aside(batch) == [(4, "代码", "element"), (5, "人数", "element")]
    assert batch.reasons == {"代码还没有填写。": 1, "人数应为整数。": 1, "日期不合格，置空": 1}
    assert rows("raw.firms", "_line, 人数")[1] == (3, "１２"), "the raw layer keeps what was written"


def test_a_source_may_say_how_it_writes_values(deliver: Deliver) -> None:
    content = "人数,类型\n12,1\n约30人,个体户\n 7名 ,个体工商户\n不详,2\n三人,1\n9,股份\n"
    batch = deliver("t.notations", content)
    assert rows("standard.notations", "headcount, kind") == [(12, "1"), (30, "2"), (7, "2"), (None, "2"), (None, "1")]
    assert rows("raw.notations", "人数")[1] == ("约30人",)
    assert (batch.unfit, batch.reasons["人数不合格，置空"]) == (1, 1)


def test_a_notation_that_cannot_be_read_is_refused_by_the_check() -> None:
    for like, means in (("(", ""), ("(a", r"\1"), ("a", r"\1")):
        with pytest.raises(ValidationError):
            NotationPart(like=like, means=means)


def test_broken_lines_are_set_aside_with_their_lines(deliver: Deliver) -> None:
    content = b'a,b,c\n1,x,2\n2,y\n3,z,4,5\n4,"w"v,6\n5,ok,7\n' + b"6,\xb3\xff,8\n7,ok,9\n"
    batch = deliver("t.raw-only", content)
    assert counts(batch) == (7, 3, 4, 0)
    assert rows("raw.loose") == [(2, "1", "x", "2"), (6, "5", "ok", "7"), (8, "7", "ok", "9")]
    assert set_aside(batch) == [(3, "", "columns"), (4, "", "columns"), (5, "", "quotes"), (7, "", "encoding")]
    kept = list(queries.set_aside(batch.id))
    assert [row[1] for row in kept] == [3, 4, 5, 7]
    assert kept[0][5] == "2,y"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16", "utf-16-le-bom"])
def test_encodings_are_known(deliver: Deliver, encoding: str) -> None:
    text = "名称,数\n安澜市临江区,1\n㐂和𠮷,2\n" if encoding != "gbk" else "名称,数\n安澜市临江区,1\n喜和吉,2\n"
    content = b"\xff\xfe" + text.encode("utf-16-le") if encoding.endswith("bom") else text.encode(encoding)
    batch = deliver("t.raw-only", content)
    assert counts(batch) == (2, 2, 0, 0)
    assert rows("raw.loose")[0] == (2, "安澜市临江区", "1")
    assert rows("raw.loose")[1][1] == text.split("\n")[2][:-2]


def test_bytes_lost_in_gb18030_cost_their_line_only(deliver: Deliver) -> None:
    lines = ["名称,数", *(f"安澜市第{number}公司,{number}" for number in range(50))]
    content = bytearray("\n".join(lines).encode("gb18030"))
    at = content.find(b",20") - 1
    content[at] = 0xFF
    batch = deliver("t.raw-only", bytes(content))
    assert batch.encoding == "gb18030"
    assert counts(batch) == (50, 49, 1, 0)
    assert set_aside(batch) == [(22, "", "encoding")]


def test_ascii_first_and_chinese_later_is_still_known(deliver: Deliver) -> None:
    content = b"a,b\n" + b"x,y1\n" * 300_000 + "安澜市,尾\n".encode("gb18030")
    batch = deliver("t.raw-only", content)
    assert (batch.encoding, batch.read) == ("gb18030", 300_001)
    assert rows("raw.loose", order="_line DESC LIMIT 1") == [(300_002, "安澜市", "尾")]


def test_a_line_without_end_is_cut_and_set_aside(deliver: Deliver, monkeypatch: pytest.MonkeyPatch) -> None:
    # The real size is test_large: the same code with the same bounds of memory.
    content = b"a,b\n1,2\n3," + b"x" * 3_500_000 + b"\n5,6\n" + b"7," + b"y" * 1_200_000 + b"\n9,9\n"
    batch = deliver("t.raw-only", content)
    assert counts(batch) == (5, 3, 2, 0)
    assert rows("raw.loose") == [(2, "1", "2"), (4, "5", "6"), (6, "9", "9")]
    assert set_aside(batch) == [(3, "", "too-long"), (5, "", "too-long")]


def test_a_quote_that_never_ends_loses_nothing(deliver: Deliver) -> None:
    content = 'a,b\n1,2\n3,"open\n' + "".join(f"{n},z\n" for n in range(200_000))
    batch = deliver("t.raw-only", content)
    assert counts(batch) == (200_002, 200_001, 1, 0)
    assert [(row[1], row[3], row[5].strip()) for row in queries.set_aside(batch.id)] == [(3, "quotes", '3,"open')]


def write_book(path: Path, cells: Sequence[Sequence[object]]) -> None:
    """The least that is a workbook; a text `=formula:value` becomes a formula with the value that was stored beside it."""

    def cell(value: object, place: str) -> str:
        if isinstance(value, str) and value.startswith("="):
            formula, _, stored = value[1:].partition(":")
            kind = ' t="e"' if stored.startswith("#") else ""
            return f'<c r="{place}"{kind}><f>{formula}</f><v>{stored}</v></c>'
        if isinstance(value, str):
            return f'<c r="{place}" t="inlineStr"><is><t>{value}</t></is></c>'
        return f'<c r="{place}"><v>{value}</v></c>'

    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    rels = "http://schemas.openxmlformats.org/package/2006/relationships"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    kind = f"{office}/worksheet"
    sheet = "".join(
        f'<row r="{n}">' + "".join(cell(value, f"{'ABCDEFGH'[m]}{n}") for m, value in enumerate(row)) + "</row>"
        for n, row in enumerate(cells, 1)
    )
    parts = {
        "_rels/.rels": f'<Relationships xmlns="{rels}"><Relationship Id="r1" Type="{office}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{office}"><sheets><sheet name="表一" sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{rels}"><Relationship Id="r1" Type="{kind}" Target="worksheets/sheet1.xml"/></Relationships>',
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{main}"><sheetData>{sheet}</sheetData></worksheet>',
    }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(name, '<?xml version="1.0" encoding="UTF-8"?>' + text)


def test_formula_cells_bring_their_values_and_errors_are_set_aside(deliver: Deliver, tmp_path: Path) -> None:
    cells = [["名称", "数"], ["甲", 1], ["乙", 2.5], ["丙", "=A1/0:#DIV/0!"], ["丁", "=1+1:2"]]
    write_book(tmp_path / "book.xlsx", cells)
    batch = deliver("t.book", (tmp_path / "book.xlsx").read_bytes())
    assert counts(batch) == (4, 3, 1, 0)
    assert rows("raw.book", "名称, 数") == [("甲", "1"), ("乙", "2.5"), ("丁", "2")]
    assert set_aside(batch) == [(4, "", "formula")]


def test_a_zip_bomb_is_not_opened(deliver: Deliver, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "bomb.xlsx", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * (100 << 20))
    batch = deliver("t.book", (tmp_path / "bomb.xlsx").read_bytes())
    assert (batch.state, batch.words) == (State.FAILED, "工作簿展开后过大。请拆分，或另存为 CSV 后重新报送。")


def test_what_is_no_workbook_fails_in_words(deliver: Deliver) -> None:
    assert deliver("t.book", b"PK\x03\x04 nothing").state is State.FAILED
    assert deliver("t.raw-only", b"\xef\xbb\xbf\n").words.startswith("文件是空的")


def test_json_lines_and_arrays(deliver: Deliver) -> None:
    lines = deliver("t.json", '{"a":1,"b/c":"x"}\n{bad\n\n{"a":2.50,"d":{"z":[1]}}\n[1]\n')
    assert counts(lines) == (4, 2, 2, 0)
    assert rows("raw.objects") == [(1, "1", "x", None), (4, "2.5", None, '{"z":[1]}')]
    array = deliver("t.json", '[{"a":1,"b/c":"y","d":0},\n {"a":"二"}, 5]')
    assert counts(array) == (3, 2, 1, 0)
    assert deliver("t.json", '[{"a":1}, {"a"').state is State.FAILED


def test_fixed_width_in_gb18030(deliver: Deliver) -> None:
    batch = deliver("t.fixed", "A001安澜一厂\nB2\nA002临江二厂东\n".encode("gb18030"))
    assert counts(batch) == (3, 2, 1, 0)
    assert rows("raw.fixed") == [(1, "A001", "安澜一厂"), (3, "A002", "临江二厂东")]


def test_the_same_delivery_is_the_same_batch(deliver: Deliver) -> None:
    first = deliver("t.changes", "a,b\n1,x\n")
    assert deliver("t.changes", "a,b\n1,x\n", "other name") == first
    assert Batch.objects.count() == 1
    assert len(rows("raw.changes")) == 1


def test_additions_leave_out_what_is_known(deliver: Deliver) -> None:
    deliver("t.changes", "a,b\n1,x\n2,y\n")
    batch = deliver("t.changes", "a,b\n2,y\n3,\n3,\n1,z\n", "second")
    assert counts(batch) == (4, 2, 0, 2)
    assert rows("raw.changes", "a, b", "ALL") == [("1", "x"), ("1", "z"), ("2", "y"), ("3", None)]


def test_a_whole_replaces_the_one_before_and_both_can_be_read(deliver: Deliver) -> None:
    deliver("t.raw-only", "a\n1\n2\n")
    deliver("t.raw-only", "a\n3\n")
    assert rows("raw.loose", "a") == [("3",)]
    with lakes.connect() as lake:
        relation = lakes.mount(lake, "raw.loose", number=1)
        assert lake.execute(f"SELECT count(*) FROM {relation}").fetchall() == [(2,)]


def test_a_missing_column_waits_for_a_word_and_then_goes_on(deliver: Deliver, tmp_path: Path) -> None:
    batch = deliver("t.firms", "代码,名称,日期,类型\nA1,甲,2026-01-02,1\n")
    assert (batch.state, batch.drift.missing) == (State.HELD, ("人数",))
    assert not lakes.find_table("raw.firms")
    assert deliver("t.firms", "代码,名称,日期,类型\nA1,甲,2026-01-02,1\n").state is State.HELD
    actions.decide(batch_id=batch.id, go_on=True, by=SYSTEM, at=AT)
    done = actions.resume(batch_id=batch.id, by=SYSTEM, at=AT)
    assert counts(done) == (1, 1, 0, 0)
    assert rows("standard.firms", "code, headcount") == [("A1", None)]
    with pytest.raises(CannotDecide):
        actions.decide(batch_id=batch.id, go_on=True, by=SYSTEM, at=AT)


def test_a_renamed_column_is_recognised(deliver: Deliver) -> None:
    batch = deliver("t.firms", "代码,企业名称,人数,日期,类型\nA1,甲,1,2026-01-02,1\n")
    assert batch.state is State.HELD
    assert batch.drift.renamed == {"名称": "企业名称"}
    refused = actions.decide(batch_id=batch.id, go_on=False, by=SYSTEM, at=AT)
    assert refused.state is State.REFUSED
    other = deliver("t.firms", "代 码,名称,人数,日期,类型\nA1,甲,1,2026-01-02,1\n", "again")
    actions.decide(batch_id=other.id, go_on=True, by=SYSTEM, at=AT)
    assert counts(actions.resume(batch_id=other.id, by=SYSTEM, at=AT)) == (1, 1, 0, 0)
    assert rows("standard.firms", "code, name") == [("A1", "甲")]


def test_new_columns_are_kept_or_refused_as_the_source_says(deliver: Deliver) -> None:
    assert deliver("t.strict", "a,b,c\n1,2,3\n").state is State.REFUSED
    batch = deliver("t.firms", HEAD.replace("\n", ",附注\n") + "A1,甲,1,2026-01-02,1,好\n")
    assert list(batch.drift.new) == ["附注"]
    assert rows("raw.firms", "附注") == [("好",)]


def test_a_type_that_changes_is_told_and_in_mid_file_costs_nothing(deliver: Deliver) -> None:
    deliver("t.raw-only", "a,b\n" + "1,2026-01-02\n" + "2,2026-01-03\n")
    batch = deliver("t.raw-only", "a,b\n" + "1,2026-01-02\n" * 2 + "二,2026-01-03\n", "two")
    assert batch.drift.retyped == {"a": "integer → text"}
    assert counts(batch) == (3, 2, 0, 1)


def test_no_permission_no_source_no_file(deliver: Deliver, tmp_path: Path) -> None:
    with pytest.raises(Denied):
        actions.run(source_id="t.firms", by=ANONYMOUS, at=AT)
    with pytest.raises(NoSuchSource):
        actions.run(source_id="t.nothing", by=SYSTEM, at=AT)
    with pytest.raises(CannotRead):
        actions.run(source_id="t.firms", by=SYSTEM, at=AT)


_CELLS = st.text(st.characters(codec="utf-8", exclude_characters="\x00\ufffd"), max_size=6)


@given(st.lists(st.tuples(_CELLS, _CELLS), min_size=1, max_size=8))
@settings(max_examples=40)
def test_whatever_a_csv_writer_writes_is_read_back(table: list[tuple[str, str]]) -> None:
    import tempfile

    out = io.StringIO()
    csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\n").writerows([("a", "b"), *table])
    source = SourcePack(kind="Source", id="t.x", title="x", resource="x", format="csv", encoding="utf-8")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "t.csv"
        path.write_bytes(out.getvalue().encode())
        import duckdb

        with duckdb.connect() as lake:
            _reading.read(lake, source, path, Path(folder))
            found = lake.execute("SELECT coalesce(a, ''), coalesce(b, '') FROM found ORDER BY _line").fetchall()
            broken = lake.execute("SELECT * FROM broken").fetchall()
    assert (found, broken) == (table, [])


@given(st.binary(max_size=200))
@settings(max_examples=60)
def test_no_bytes_make_the_copy_fail_or_lose_a_line(content: bytes) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        given_, copy = Path(folder) / "given", Path(folder) / "copy"
        given_.write_bytes(content)
        _encoding.rewrite(given_, copy, "gb18030")
        assert copy.read_bytes().count(b"\n") >= content.count(b"\n")


def test_a_delivery_without_rows_is_taken_as_none(deliver: Deliver) -> None:
    batch = deliver("t.firms", "代码,名称,人数,日期,类型\n")
    assert (batch.state, batch.read, batch.standard) == (State.TAKEN, 0, 0)
    assert rows("standard.firms") == []
