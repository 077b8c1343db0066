"""Tables for spreadsheets: CSV in UTF-8 with one mark of its encoding, no cell of which a spreadsheet takes for a formula."""

import csv
import io
import re
from collections.abc import Callable, Iterable
from typing import TextIO

from django.http import HttpResponse

# With a mark, so that office programs read it as UTF-8. Once: a codec that is asked row by row marks every row.
ENCODING = "utf-8-sig"
_NUMBER = re.compile(r"[-+]?[\d,]+(\.\d+)?%?")


def writer(out: TextIO) -> Callable[[Iterable[object]], None]:
    """What writes one row into an open file."""
    rows = csv.writer(out)
    return lambda row: rows.writerow([plain(cell) for cell in row]) and None


def answer(rows: Iterable[Iterable[object]], *, filename: str) -> HttpResponse:
    """The rows as a file to keep."""
    table = io.StringIO()
    write = writer(table)
    for row in rows:
        write(row)
    found = HttpResponse(table.getvalue().encode(ENCODING), content_type="text/csv; charset=utf-8")
    found["Content-Disposition"] = f'attachment; filename="{filename}"'
    return found


def plain(cell: object) -> str:
    """A cell as text: what begins like a formula, and is no number, is told to be text."""
    text = "" if cell is None else str(cell)
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") and not _NUMBER.fullmatch(text) else text
