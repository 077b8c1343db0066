"""The pages of a PDF (extra `ocr`: pypdfium2) drawn by a program of its own: a file on standard input, a JPEG a page on standard output.

python -m yiwang.data.scans._pdf PAGES_MAX; each page with its length in front, four bytes. Ends with BROKEN or TOO_MANY.
"""

import io
import resource
import struct
import sys
from typing import Any

MEMORY_MAX, CPU_S_MAX = 3 << 30, 1800
BROKEN, TOO_MANY = 2, 3
DPI, PIXELS_MAX = 200, 75_000_000
_POINTS_AN_INCH = 72
_QUALITY = 92


def main() -> int:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_MAX, MEMORY_MAX))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_S_MAX, CPU_S_MAX))
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(sys.stdin.buffer.read())
        if len(document) > int(sys.argv[1]):
            return TOO_MANY
        for page in document:
            _write(_drawn(page))
    except (pypdfium2.PdfiumError, ValueError, MemoryError):
        return BROKEN
    return 0


def _drawn(page: Any) -> bytes:
    width, height = page.get_size()
    scale = min(DPI / _POINTS_AN_INCH, (PIXELS_MAX / max(1.0, width * height)) ** 0.5)
    made = io.BytesIO()
    page.render(scale=scale).to_pil().convert("RGB").save(made, "JPEG", quality=_QUALITY, dpi=(DPI, DPI))
    return made.getvalue()


def _write(picture: bytes) -> None:
    sys.stdout.buffer.write(struct.pack("!I", len(picture)) + picture)
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    sys.exit(main())
