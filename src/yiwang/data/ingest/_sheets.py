"""A small file of rows, CSV in whatever offices write or a workbook, for who needs the rows themselves and no lake."""

import csv
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from yiwang.data.engine import queries as lakes
from yiwang.data.engine.contracts import CannotOpen
from yiwang.data.ingest import _encoding
from yiwang.data.ingest.contracts import CannotRead

_ZIP = b"PK\x03\x04"


def rows(content: bytes) -> Iterator[tuple[int, list[str]]]:
    """The line in the file and its cells, without blanks around them; blank lines are passed over. Raises CannotRead."""
    with TemporaryDirectory() as folder:
        given, text = Path(folder) / "given", Path(folder) / "text.csv"
        given.write_bytes(content)
        if content.startswith(_ZIP):
            _unfold(given, text)
        else:
            _encoding.rewrite(given, text, _encoding.look(given).encoding)
        with open(text, encoding="utf-8-sig", newline="") as stream:
            reader = csv.reader(stream, strict=True)
            try:
                for cells in reader:
                    stripped = [cell.strip() for cell in cells]
                    if any(stripped):
                        yield reader.line_num, stripped
            except csv.Error as wrong:
                raise CannotRead(f"第{reader.line_num}行读不出来。", hint="请核对引号和分隔符。") from wrong


def _unfold(given: Path, text: Path) -> None:
    try:
        lakes.write_sheet(given, sheet="", target=text)
    except CannotOpen as wrong:
        raise CannotRead(wrong.message, hint=wrong.hint) from wrong
