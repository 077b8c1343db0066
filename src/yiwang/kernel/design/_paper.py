"""HTML set as PDF by WeasyPrint, where the extra `pdf` is installed."""

import importlib.util

from PIL import ImageFile

from yiwang.kernel.design.contracts import NoPdf


def can_pdf() -> bool:
    """Whether what makes a PDF is installed."""
    return importlib.util.find_spec("weasyprint") is not None


def pdf(html: str, *, style: str) -> bytes:
    """A document from its HTML and CSS; it fetches nothing. Raises NoPdf."""
    try:
        from weasyprint import CSS, HTML, URLFetcher
    except (ImportError, OSError) as missing:
        raise NoPdf(
            "这里没有安装生成PDF的组件。", hint="请用浏览器打印本页，或请管理员安装 pango 和 weasyprint。"
        ) from missing
    finally:
        # WeasyPrint has Pillow take broken pictures for the whole process; uploads must still be refused.
        ImageFile.LOAD_TRUNCATED_IMAGES = False

    # A document carries what it shows.
    fetcher = URLFetcher(allowed_protocols=("data",))
    found: bytes = HTML(string=html, url_fetcher=fetcher).write_pdf(stylesheets=[CSS(string=style)])
    return found
