"""What a topic is called: words that several of its messages share, in the order in which people say them."""

import math
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from collections.abc import Set as AbstractSet

OPENING, LONGEST, WORDS, READ_MAX = 80, 14, 3, 40
SHARED_MIN = 3
"""A word is shown only when so many different messages have it: what one person wrote stays theirs."""
_SHARE = 0.4
_EDGES = frozenset("的了是在和与有个我们也都就不很到请对把被为及或于之其这那")


def name_of(texts: Sequence[str], rarity: Callable[[Sequence[str], Sequence[float]], Sequence[float]]) -> str:
    """The telling words of a topic; empty where too few messages share any. `rarity` of words, each of which a share of
    these messages has, is 0 for what everybody else says too."""
    texts = sorted(set(texts))[:READ_MAX]
    needed = max(SHARED_MIN, math.ceil(_SHARE * len(texts)))
    counts = _shared(texts, needed)
    words = sorted(counts)
    rare = rarity(words, [counts[word] / len(texts) for word in words])
    ranked = sorted(
        ((counts[word] * (len(word) - 1) * force, word) for word, force in zip(words, rare, strict=True)),
        key=lambda one: (-one[0], one[1]),
    )
    chosen: list[str] = []
    for force, word in ranked:
        if force > 0 and not any(_overlap(word, other) for other in chosen):
            chosen.append(word)
        if len(chosen) == WORDS:
            break
    return " ".join(sorted(chosen, key=lambda word: (_place(word, texts), word)))


def _shared(texts: Sequence[str], needed: int) -> dict[str, int]:
    """Words that so many texts have. A word is no more common than any two signs in it, so only what is made of common pairs is cut."""
    pairs = Counter(pair for text in texts for pair in set(_pairs(text[:OPENING])))
    common = {pair for pair, count in pairs.items() if count >= needed and pair.isalnum()}
    # People say the same in the same words: each stretch is cut once, for all texts that have it, a bit each.
    having: dict[str, int] = {}
    for number, text in enumerate(texts):
        for stretch in _stretches(text[:OPENING], common):
            having[stretch] = having.get(stretch, 0) | 1 << number
    found: dict[str, int] = {}
    for stretch, those in having.items():
        for word in _words(stretch):
            found[word] = found.get(word, 0) | those
    return {word: those.bit_count() for word, those in found.items() if those.bit_count() >= needed}


def _pairs(text: str) -> Iterator[str]:
    return (text[at : at + 2] for at in range(len(text) - 1))


def _stretches(text: str, common: AbstractSet[str]) -> Iterator[str]:
    """What is made of common pairs, as long as it goes."""
    begin = 0
    for at in range(1, len(text) + 1):
        if text[at - 1 : at + 1] not in common:
            yield text[begin:at]
            begin = at


def _words(stretch: str) -> Iterator[str]:
    ends = [at + 1 for at, sign in enumerate(stretch) if sign not in _EDGES]
    for first, last in enumerate(ends):
        for end in ends[first + 1 :]:
            if end - last >= LONGEST:
                break
            yield stretch[last - 1 : end]


def _overlap(word: str, other: str) -> bool:
    """Whether they share two signs in a row: "滨河苑" and "河苑车" are one word cut twice."""
    return any(word[at : at + 2] in other for at in range(len(word) - 1))


def _place(word: str, texts: Sequence[str]) -> float:
    places = [text.index(word) for text in texts if word in text]
    return sum(places) / len(places)
