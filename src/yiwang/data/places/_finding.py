"""What somebody called a place, taken apart: which pieces of it may be names, and which numbers follow them."""

import re
import unicodedata
from dataclasses import dataclass

TEXT_MAX = 80
NAME_MIN, NAME_MAX = 2, 12
_BREAKS = re.compile(r"[^\w]+")
_NUMBER = re.compile(r"(?<![\d-])(\d{1,5}(?:-\d{1,4})?)\s*号?")


@dataclass(frozen=True, slots=True)
class Heard:
    """`names` are all pieces that may be the name of a region, a road or a site."""

    text: str
    names: tuple[str, ...]
    numbers: tuple[str, ...]

    def number_after(self, road: str) -> str:
        """The number written right after a road's name, or nothing."""
        found = re.search(re.escape(road) + r"(\d{1,5}(?:-\d{1,4})?)", self.text) if road else None
        return found[1] if found else ""


def heard(text: str) -> Heard:
    """At most the first eighty signs count; blanks inside do not."""
    plain = re.sub(r"\s+", "", unicodedata.normalize("NFKC", text.replace("\x00", "")))[:TEXT_MAX]
    names = {
        run[start:end]
        for run in _BREAKS.split(plain)
        for start in range(len(run))
        for end in range(start + NAME_MIN, min(len(run), start + NAME_MAX) + 1)
        if not run[start:end].isdigit()
    }
    return Heard(plain, tuple(sorted(names)), tuple(dict.fromkeys(_NUMBER.findall(plain))))
