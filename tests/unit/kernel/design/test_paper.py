"""Documents as PDF: made where the extra is installed, refused with a way out elsewhere."""

import contextlib
import ctypes.util
import importlib.util
import io

import pytest
from PIL import Image

from yiwang.kernel.design import queries
from yiwang.kernel.design.contracts import NoPdf

PICTURE = "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg'/%3E"


HTML = f'<p>一网<img src="{PICTURE}"><img src="file:///etc/passwd">'


IS_HERE = bool(importlib.util.find_spec("weasyprint") and ctypes.util.find_library("pango-1.0"))


def test_a_document_is_made_or_refused_with_a_way_out() -> None:
    if IS_HERE:
        assert queries.pdf(HTML, style="p { color: red }").startswith(b"%PDF-")
        return
    with pytest.raises(NoPdf) as refused:
        queries.pdf(HTML, style="")
    assert "打印" in refused.value.hint


def test_broken_pictures_are_refused_after_a_document_was_made() -> None:
    whole = io.BytesIO()
    Image.effect_noise((64, 64), 50).save(whole, "PNG")
    with contextlib.suppress(NoPdf):
        queries.pdf("<p>一网", style="")
    with Image.open(io.BytesIO(whole.getvalue()[:200])) as image, pytest.raises(OSError, match="truncated"):
        image.load()
