"""Two-character words for search inside PostgreSQL."""

import re
import unicodedata

_BREAKS = re.compile(r"[\W_]+")


def bigrams(text: str) -> list[str]:
    """Distinct overlapping two-sign pieces of `text`, plus whole Latin words; sorted."""
    return _pieces(text, 1)


def pairs(text: str) -> list[str]:
    """Of the `bigrams` of a text the fewest that hold all its signs."""
    return _pieces(text, 2)


def _pieces(text: str, step: int) -> list[str]:
    pieces: set[str] = set()
    for run in _BREAKS.split(unicodedata.normalize("NFKC", text).lower()):
        last = len(run) - 2
        pieces.update({run} if last < 0 else {run[i : i + 2] for i in (*range(0, last, step), last)})
    pieces.discard("")
    return sorted(pieces)
