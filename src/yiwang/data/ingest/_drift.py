"""How the columns found differ from those declared, and from what they held the batch before."""

import unicodedata
from collections.abc import Mapping, Sequence
from difflib import SequenceMatcher
from typing import TYPE_CHECKING

from yiwang.data.engine.queries import quoted
from yiwang.data.ingest.contracts import Drift
from yiwang.data.ingest.kinds import DriftPart, SourcePack, Word

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

SAMPLE_ROWS = 20_000
ALIKE = 0.6
_STRICTNESS: Mapping[Word, int] = {"continue": 0, "hold": 1, "refuse": 2}
_SHAPES = (
    ("integer", "-?(0|[1-9][0-9]{0,17})"),
    ("decimal", "-?(0|[1-9][0-9]{0,17})([.][0-9]+)?"),
    ("date", "[0-9]{4}([-/.年][0-9]{1,2}[-/.月][0-9]{1,2}日?|[0-9]{4})"),
)


def compare(source: SourcePack, found: Sequence[str], before: Mapping[str, str], types: Mapping[str, str]) -> Drift:
    """Without declared columns, those of the batch before are what is expected."""
    expected = [column.name for column in source.columns] or list(before)
    missing, new = [n for n in expected if n not in found], [n for n in found if expected and n not in expected]
    renamed: dict[str, str] = {}
    for name in missing:
        likely = max(new, key=lambda other: _likeness(name, other), default="")
        if likely and _likeness(name, likely) >= ALIKE and likely not in renamed.values():
            renamed[name] = likely
    held = {name: f"{before[name]} → {types[name]}" for name in found if _changed(before.get(name), types.get(name))}
    return Drift(
        tuple(name for name in new if name not in renamed.values()),
        tuple(name for name in missing if name not in renamed),
        renamed,
        held,
    )


def verdict(drift: Drift, words: DriftPart) -> Word:
    """The strictest of what the source says to each kind of difference there is."""
    asked: list[Word] = [word for there, word in (
        (drift.new, words.new), (drift.missing, words.missing),
        (drift.renamed, words.renamed), (drift.retyped, words.retyped),
    ) if there]  # fmt: skip
    return max(asked, key=lambda word: _STRICTNESS[word], default="continue")


def types_of(lake: "DuckDBPyConnection", names: Sequence[str]) -> dict[str, str]:
    """What each column looks like (integer, decimal, date, text, empty), over evenly spread rows of `found`."""
    row = lake.execute("SELECT count(*) FROM found").fetchone()
    step = max(1, (row[0] if row else 0) // SAMPLE_ROWS)
    picked = f"SELECT * FROM found WHERE rowid % {step} = 0"
    columns = []
    for name in names:
        value = f"trim({quoted(name)})"
        filled = f"count(*) FILTER ({value} <> '')"
        cases = " ".join(
            f"WHEN count(*) FILTER (regexp_full_match({value}, '{shape}')) = {filled} THEN '{word}'"
            for word, shape in _SHAPES
        )
        columns.append(f"CASE WHEN {filled} = 0 THEN 'empty' {cases} ELSE 'text' END")
    answer = lake.execute(f"SELECT {', '.join(columns)} FROM ({picked})").fetchone()
    return dict(zip(names, map(str, answer or ()), strict=True))


def _changed(before: str | None, now: str | None) -> bool:
    # An empty column says nothing of its type; whole numbers are decimals too.
    return bool(
        before and now and before != now and "empty" not in (before, now) and {before, now} != {"integer", "decimal"}
    )


def _likeness(one: str, other: str) -> float:
    return SequenceMatcher(None, _plain(one), _plain(other)).ratio()


def _plain(name: str) -> str:
    folded = unicodedata.normalize("NFKC", name).casefold()
    return "".join(sign for sign in folded if sign.isalnum())
