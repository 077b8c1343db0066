"""Two-character words for search inside PostgreSQL."""

import re
import unicodedata

_BREAKS = re.compile(r"[\W_]+")


def bigrams(text: str) -> list[str]:
    """Distinct overlapping two-sign pieces of `text`, plus whole Latin words; sorted."""
    pieces: set[str] = set()
    for run in _BREAKS.split(unicodedata.normalize("NFKC", text).lower()):
        pieces.update({run} if len(run) < 2 else {run[i : i + 2] for i in range(len(run) - 1)})
    pieces.discard("")
    return sorted(pieces)
