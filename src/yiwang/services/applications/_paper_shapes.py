"""Material pre-check (材料预审) as other apps see it: what a rule says of a paper before and after filing. No Django."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from yiwang.kernel.rules.contracts import Answer


@dataclass(frozen=True, slots=True)
class PaperGround:
    """One condition on a paper and what it came to; `missing` are the titles of what was not said."""

    sentence: str
    sentence_en: str
    answer: Answer
    missing: tuple[str, ...] = ()

    def stored(self) -> dict[str, Any]:
        return {
            "sentence": self.sentence,
            "sentence_en": self.sentence_en,
            "answer": self.answer.value,
            "missing": list(self.missing),
        }

    @staticmethod
    def restored(stored: Mapping[str, Any]) -> "PaperGround":
        return PaperGround(
            stored["sentence"], stored["sentence_en"], Answer(stored["answer"]), tuple(stored["missing"])
        )


@dataclass(frozen=True, slots=True)
class PaperCheck:
    """What the pre-check says of a paper: in order, likely to be sent back, or to be looked at by a person."""

    answer: Answer
    grounds: tuple[PaperGround, ...]

    @property
    def wrong(self) -> tuple[PaperGround, ...]:
        return tuple(each for each in self.grounds if each.answer is Answer.NOT_MET)

    @property
    def open(self) -> tuple[PaperGround, ...]:
        return tuple(each for each in self.grounds if each.answer is Answer.UNKNOWN)

    def stored(self) -> dict[str, Any]:
        """As JSON, in the words of the day."""
        return {"answer": self.answer.value, "grounds": [each.stored() for each in self.grounds]}

    @staticmethod
    def restored(stored: Mapping[str, Any]) -> "PaperCheck":
        return PaperCheck(Answer(stored["answer"]), tuple(PaperGround.restored(each) for each in stored["grounds"]))


@dataclass(frozen=True, slots=True)
class SaidField:
    """What the applicant is asked to read off a paper: a date, or the name on it."""

    name: str
    input: str  # date or text
    value: str
