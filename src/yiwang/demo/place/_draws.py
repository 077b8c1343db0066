"""Draws that depend on seed, number and purpose alone, so that any part of a made-up register can be made by itself; and swaps of signs."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

Whole = NDArray[np.int64]
Signs = NDArray[np.int64]
Truth = NDArray[np.bool_]


class Draws:
    """Columns of draws for the numbers `of`; the same seed, number and purpose give the same draw on every machine."""

    def __init__(self, seed: int, of: Whole) -> None:
        self._seed = seed * 0x632BE5AB
        self._of = of.astype(np.uint64) * np.uint64(0xD1342543DE82EF95)

    def share(self, purpose: str) -> NDArray[np.float64]:
        """Each in [0, 1)."""
        bits = _mixed(self._of ^ _mixed(np.uint64((self._seed + _number(purpose)) % 2**64)))
        return (bits >> np.uint64(11)).astype(np.float64) / 2.0**53

    def below(self, purpose: str, limit: int | Whole) -> Whole:
        return (self.share(purpose) * limit).astype(np.int64)

    def happens(self, purpose: str, share: float) -> Truth:
        happens: Truth = self.share(purpose) < share
        return happens

    def weighted(self, purpose: str, weights: Sequence[float] | NDArray[np.float64]) -> Whole:
        """Places in `weights`, each as often as it weighs."""
        edges = np.cumsum(np.asarray(weights, dtype=np.float64))
        return np.searchsorted(edges / edges[-1], self.share(purpose), side="right").astype(np.int64)


def falling(count: int, flat: float) -> NDArray[np.float64]:
    """Weights that fall with rank as names do."""
    weights: NDArray[np.float64] = 1.0 / (np.arange(count, dtype=np.float64) + flat)
    return weights


@dataclass(frozen=True, slots=True)
class Swaps:
    """For each sign, others it may be taken for."""

    start: Whole
    size: Whole
    others: Signs

    @classmethod
    def of(cls, groups: Iterable[Sequence[str]]) -> "Swaps":
        """Each sign of a group may be taken for any other of it; a sign of several groups has the others of all."""
        found: dict[str, dict[str, None]] = {}
        for group in groups:
            for sign in group:
                found.setdefault(sign, {}).update(dict.fromkeys(other for other in group if other != sign))
        start, size = np.zeros(0x20000, np.int64), np.zeros(0x20000, np.int64)
        flat: list[int] = []
        for sign, others in found.items():
            start[ord(sign)], size[ord(sign)] = len(flat), len(others)
            flat += [ord(other) for other in others]
        return cls(start, size, np.asarray(flat or [0], np.int64))

    def swapped(self, signs: Signs, draw: NDArray[np.float64]) -> Signs:
        """One of the others of each sign; the sign itself where it has none."""
        size = self.size[np.minimum(signs, 0x1FFFF)]
        place = self.start[np.minimum(signs, 0x1FFFF)] + (draw * size).astype(np.int64)
        return np.where(size > 0, self.others[np.minimum(place, len(self.others) - 1)], signs)


def common_signs() -> str:
    """The 3,755 common characters (GB/T 2312, first level)."""
    rows = (bytes([high, low]) for high in range(0xB0, 0xD8) for low in range(0xA1, 0xFF))
    return "".join(row.decode("gb2312", "ignore") for row in rows)


@cache
def sounds(signs: str) -> Mapping[str, str]:
    """Pinyin without tone of each sign, its first reading."""
    from pypinyin import Style, pinyin

    return {sign: pinyin(sign, style=Style.NORMAL)[0][0] for sign in dict.fromkeys(signs)}


def same_sound(heard: Mapping[str, str]) -> Swaps:
    groups: dict[str, list[str]] = {}
    for sign, sound in heard.items():
        groups.setdefault(sound, []).append(sign)
    return Swaps.of(groups.values())


def near_sound(heard: Mapping[str, str], accents: Sequence[tuple[str, str]]) -> Swaps:
    """Signs whose sounds are one to somebody with an accent, and are not the same."""
    one: dict[str, dict[str, list[str]]] = {}
    for sign, sound in heard.items():
        one.setdefault(_blurred(sound, accents), {}).setdefault(sound, []).append(sign)
    pairs = (
        (sign, other)
        for sounds in one.values()
        for sound, signs in sounds.items()
        for sign in signs
        for heard_as, others in sounds.items()
        if heard_as != sound
        for other in others[:6]
    )
    return Swaps.of(pairs)


def _blurred(sound: str, accents: Sequence[tuple[str, str]]) -> str:
    for said, heard in accents:
        if sound.startswith(said):
            sound = heard + sound.removeprefix(said)
        elif sound.endswith(said):
            sound = sound.removesuffix(said) + heard
    return sound


def _mixed(bits: NDArray[np.uint64] | np.uint64) -> NDArray[np.uint64]:
    """splitmix64's finish."""
    with np.errstate(over="ignore"):
        mixed = np.asarray(bits, np.uint64) + np.uint64(0x9E3779B97F4A7C15)
        mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    done: NDArray[np.uint64] = mixed ^ (mixed >> np.uint64(31))
    return done


def _number(purpose: str) -> int:
    number = 0xCBF29CE484222325
    for byte in purpose.encode():
        number = (number ^ byte) * 0x100000001B3 % 2**64
    return number
