"""A page as it would be read if it were typed as this text: for worked examples and for whoever stands in for a reader."""

import unicodedata

from yiwang.data.scans.contracts import Reading, Word

SIGN, LINE = 20, 40


def typed_page(text: str, *, sure: float = 1.0) -> Reading:
    """Each line a line of the paper; two spaces or more part words; a Chinese sign is as wide as two others."""
    lines = text.splitlines()
    words = [word for number, line in enumerate(lines) for word in _words(line, number, sure)]
    right = max((corner[0] for word in words for corner in word.corners), default=0.0)
    return Reading(int(right) + SIGN, (len(lines) + 1) * LINE, words)


def _words(line: str, number: int, sure: float) -> list[Word]:
    found, start, place = [], 0.0, 0.0
    text = ""
    for sign in [*line, " ", " "]:
        if sign == " " and (not text or text.endswith(" ")):
            if text.strip():
                found.append(_word(text.rstrip(), start, number, sure))
            text = ""
        elif text or sign != " ":
            start = start if text else place
            text += sign
        place += _width(sign)
    return found


def _word(text: str, left: float, number: int, sure: float) -> Word:
    right, top, bottom = left + sum(map(_width, text)), number * LINE + 5.0, number * LINE + 35.0
    return Word(text, (sure,) * len(text), ((left, top), (right, top), (right, bottom), (left, bottom)))


def _width(sign: str) -> float:
    return SIGN * (2 if unicodedata.east_asian_width(sign) in "WF" else 1) / 2
