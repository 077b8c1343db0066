"""The engine knows no business: its source has no word of what any app above it does."""

import re

from tests.repo import house

WORDS = re.compile(
    "许可证|受理|补正|证照|一件事|窗口|事项|工单|巡查|公文|applications|journeys|licences|matters|hotline"
)


def test_the_engine_has_no_word_of_any_business() -> None:
    sources = (house.SOURCE / "kernel" / "cases").glob("*.py")
    found = {f"{path.name}: {word[0]}" for path in sources for word in WORDS.finditer(path.read_text(encoding="utf-8"))}
    assert not found
