"""The first rows to the last of one sheet as CSV: by a program of its own, because what opens a stranger's workbook may need more memory than there is.

python -m yiwang.data.engine._workbook FILE SHEET TARGET
"""

import csv
import re
import resource
import subprocess
import sys
import zipfile
from datetime import date, datetime, time, timedelta
from pathlib import Path

from yiwang.data.engine.contracts import CannotOpen

MEMORY_MAX = 3 << 30
CPU_SECONDS_MAX = 600
ERROR = "#ERROR!"
# Of a workbook, unpacked: what a real one of a million rows needs, and far below what a bomb unfolds to.
UNPACKED_MAX, ENTRIES_MAX, RATIO_MAX = 2 << 30, 10_000, 200
_CHUNKY = 64 << 20
_CHUNK = 1 << 20
_AT_FAULT = re.compile(rb'<c r="([A-Z]{1,3})(\d{1,7})"[^>]{0,200}?\bt="e"')


def write_sheet(path: Path, *, sheet: str, target: Path) -> None:
    """Write a sheet (the first, where none is named) as CSV in UTF-8; ERROR where a formula has no value. Raises CannotOpen."""
    _refuse_bomb(path)
    command = [sys.executable, "-m", __name__, str(path), sheet, str(target)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        said = done.stderr.strip().splitlines()[-1:] or [""]
        if said[0].startswith("sheet:"):
            raise CannotOpen(f"没有工作表“{sheet}”。", hint=f"文件里有：{said[0][6:]}。")
        raise CannotOpen("工作簿打不开，或展开后过大。", hint="请另存为 xlsx 或 CSV 后重新报送。")


def _refuse_bomb(path: Path) -> None:
    if not zipfile.is_zipfile(path):
        return  # an .xls of before 2007 is no archive
    with zipfile.ZipFile(path) as archive:
        entries = archive.infolist()
    size, packed = sum(entry.file_size for entry in entries), sum(entry.compress_size for entry in entries)
    if len(entries) > ENTRIES_MAX or size > UNPACKED_MAX or (size > _CHUNKY and size > packed * RATIO_MAX):
        raise CannotOpen("工作簿展开后过大。", hint="请拆分，或另存为 CSV 后重新报送。")


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
