"""Ready pages on to ingest: a CSV of the source's columns, each row with the number of its scan, taken in like any delivery."""

import csv
import io
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

from yiwang.data.scans._forms import Form
from yiwang.data.scans.contracts import SETTLED, Held, Stand
from yiwang.data.scans.models import Batch, Cell, Page, Part


def open_pages(batch: Batch) -> int:
    """How many pages still wait for somebody."""
    return Page.objects.filter(batch=batch).exclude(stand__in=SETTLED).count()


def due(batch: Batch, form: Form) -> bool:
    """Whether ready pages may go on: all at the end, or as soon as the form's number of them is ready."""
    ready = Page.objects.filter(batch=batch, stand=Stand.READY, part=None).count()
    if not open_pages(batch):
        return ready > 0
    return form.body.part_pages is not None and ready >= form.body.part_pages


def begun(batch: Batch) -> Part:
    """A part of all pages that are ready; inside a transaction that holds the batch's row."""
    part = Part.objects.create(batch=batch, number=batch.parts.count() + 1)
    Page.objects.filter(batch=batch, stand=Stand.READY, part=None).update(part=part)
    return part


def write(part: Part, form: Form) -> Path:
    """The delivery; the same part is the same file, byte by byte. Counts its rows."""
    columns = [each.column for each in form.body.fields]
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([*columns, form.body.scan_column])
    part.rows = part.left_out = 0
    for reference, row in _rows(part):
        if any(cell.held == Held.UNREADABLE and form.column(cell.column).is_demanded for cell in row.values()):
            part.left_out += 1
            continue
        writer.writerow([*(row[name].value if name in row else "" for name in columns), reference])
        part.rows += 1
    path = _folder() / f"{part.batch_id}-{part.number}.csv"
    path.write_bytes(out.getvalue().encode())
    return path


def _rows(part: Part) -> Iterator[tuple[str, dict[str, Cell]]]:
    for page in Page.objects.filter(part=part).order_by("number"):
        rows: dict[int, dict[str, Cell]] = {}
        for cell in Cell.objects.filter(page=page).order_by("row", "place"):
            rows.setdefault(cell.row, {})[cell.column] = cell
        for number, row in sorted(rows.items()):
            yield f"{page.reference}-{number}", row


def _folder() -> Path:
    """Where a delivery lies until it is taken in; only its owner reads it."""
    folder = Path(settings.YIWANG_LAKE) / "work" / "scans"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder
