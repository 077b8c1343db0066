"""The first rows to the last of one sheet as CSV: a program of its own, because what opens a stranger's workbook may need more memory than there is.

python -m yiwang.data.ingest._excel FILE SHEET TARGET
"""

import csv
import re
import resource
import sys
import zipfile
from datetime import date, datetime, time, timedelta

MEMORY_MAX = 3 << 30
CPU_SECONDS_MAX = 600
ERROR = "#ERROR!"
_CHUNK = 1 << 20
_AT_FAULT = re.compile(rb'<c r="([A-Z]{1,3})(\d{1,7})"[^>]{0,200}?\bt="e"')


def main(source: str, sheet: str, target: str) -> None:
    from python_calamine import CalamineWorkbook

    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_MAX, MEMORY_MAX))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS_MAX, CPU_SECONDS_MAX))
    with CalamineWorkbook.from_path(source) as book:
        if sheet and sheet not in book.sheet_names:
            sys.exit(f"sheet:{'、'.join(book.sheet_names)}")
        number = book.sheet_names.index(sheet) if sheet else 0
        found = book.get_sheet_by_index(number)
        top, left = found.start or (0, 0)
        faults = cells_at_fault(source, number)
        with open(target, "w", encoding="utf-8", newline="") as out:
            writer = csv.writer(out, quoting=csv.QUOTE_MINIMAL, lineterminator="\n")
            for line, row in enumerate(found.iter_rows(), top):
                wrong = faults.get(line, set())
                writer.writerow([ERROR if column in wrong else spelled(cell) for column, cell in enumerate(row, left)])


def cells_at_fault(path: str, number: int) -> dict[int, set[int]]:
    """Rows and columns (from 0) of cells whose formula came to an error: the reader shows them as empty."""
    found: dict[int, set[int]] = {}
    if not zipfile.is_zipfile(path):
        return found
    with zipfile.ZipFile(path) as archive:
        name, rest = _part_of(archive, number), b""
        if not name:
            return found
        with archive.open(name) as stream:
            while chunk := stream.read(_CHUNK):
                block = rest + chunk
                for match in _AT_FAULT.finditer(block):
                    found.setdefault(int(match[2]) - 1, set()).add(_column(match[1]))
                rest = block[-300:]
    return found


def _part_of(archive: zipfile.ZipFile, number: int) -> str:
    """The part of an .xlsx that holds a sheet; nothing for other kinds of workbooks."""
    if "xl/workbook.xml" not in archive.namelist():
        return ""
    sheets = re.findall(rb'<sheet [^>]*r:id="([^"]+)"', archive.read("xl/workbook.xml"))
    for entry in re.findall(rb"<Relationship [^>]+>", archive.read("xl/_rels/workbook.xml.rels")):
        if b'Id="' + sheets[number] + b'"' in entry:
            target = re.search(rb'Target="([^"]+)"', entry)
            path = target[1].decode().lstrip("/") if target else ""
            return path if path.startswith("xl/") else f"xl/{path}"
    return ""


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number - 1


def spelled(cell: object) -> str:
    """A cell as it would have been typed: 3, not 3.0; 2026-01-02, not a number of days."""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    if isinstance(cell, datetime):
        return cell.strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(cell, date | time):
        return cell.isoformat()
    return str(cell) if isinstance(cell, str | int | timedelta) else ""


if __name__ == "__main__":
    main(*sys.argv[1:])
