"""What a topic is called: words that several of its messages share, in the order in which people say them."""

import math
from collections import Counter
from collections.abc import Callable, Iterator, Sequence

OPENING, LONGEST, WORDS, READ_MAX = 80, 14, 3, 40
SHARED_MIN = 3
"""A word is shown only when so many different messages have it: what one person wrote stays theirs."""
_SHARE = 0.4
_EDGES = frozenset("的了是在和与有个我们也都就不很到请对把被为及或于之其这那")


def name_of(texts: Sequence[str], rarity: Callable[[str, float], float]) -> str:
    """The telling words of a topic; empty where too few messages share any. `rarity` of a word that a share of
    these messages have is 0 for what everybody else says too."""
    texts = sorted(set(texts))[:READ_MAX]
    needed = max(SHARED_MIN, math.ceil(_SHARE * len(texts)))
    counts = Counter(word for text in texts for word in set(_words(text)))
    ranked = sorted(
        (
            (count * (len(word) - 1) * rarity(word, count / len(texts)), word)
            for word, count in counts.items()
            if count >= needed
        ),
        key=lambda one: (-one[0], one[1]),
    )
    chosen: list[str] = []
    for force, word in ranked:
        if force > 0 and not any(_overlap(word, other) for other in chosen):
            chosen.append(word)
        if len(chosen) == WORDS:
            break
    return " ".join(sorted(chosen, key=lambda word: (_place(word, texts), word)))


def _words(text: str) -> Iterator[str]:
    run = ""
    for sign in text[:OPENING] + " ":
        if sign.isalnum():
            run += sign
            continue
        for begin in range(len(run)):
            for end in range(begin + 2, min(len(run), begin + LONGEST) + 1):
                if run[begin] not in _EDGES and run[end - 1] not in _EDGES:
                    yield run[begin:end]
        run = ""


def _overlap(word: str, other: str) -> bool:
    """Whether they share two signs in a row: "滨河苑" and "河苑车" are one word cut twice."""
    return any(word[at : at + 2] in other for at in range(len(word) - 1))


def _place(word: str, texts: Sequence[str]) -> float:
    places = [text.index(word) for text in texts if word in text]
    return sum(places) / len(places)
