"""Training: a linear model fitted to labelled messages, its confidence made honest, and what it is worth on messages it never saw."""

import time
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from random import Random

import numpy as np

from yiwang.services.hotline import _classes, _grams
from yiwang.services.hotline._classes import BITS, Model
from yiwang.services.hotline._grams import Counted, Floats, Ints

SEED = 20261122
_PASSES, _STEP, _BATCH, _SHRINK = 5, 0.6, 128, 1e-6
_SEEN_MIN = 2
SHOWN_FROM = 0.5
"""The least confidence that is shown. Confidence is brought in line with truth first, so this says: more likely right than wrong."""


@dataclass(frozen=True, slots=True)
class Labelled:
    text: str
    label: str


@dataclass(frozen=True, slots=True)
class Split:
    """Messages to learn from, to set the confidence by, and to judge by. The same message is only on one side."""

    learn: tuple[Labelled, ...]
    adjust: tuple[Labelled, ...]
    judge: tuple[Labelled, ...]


@dataclass(frozen=True, slots=True)
class Worth:
    """What a model does on messages it never saw. `f1` by label; `shown` is the share that gets a suggestion, `shown_right` of it."""

    macro_f1: float
    accuracy: float
    f1: dict[str, float]
    shown: float
    shown_right: float
    calibration_error: float
    messages_per_second: int


def split(messages: Iterable[Labelled], *, seed: int = SEED) -> Split:
    """Seven tenths, one tenth, two tenths of each label, whole groups of messages with the same pieces of text."""
    groups: dict[str, dict[bytes, list[Labelled]]] = defaultdict(lambda: defaultdict(list))
    owner: dict[bytes, str] = {}
    for one in messages:
        key = _key(one.text)
        # A message that stands under two labels is one group, counted with the first.
        groups[owner.setdefault(key, one.label)][key].append(one)
    sides: tuple[list[Labelled], ...] = ([], [], [])
    for label in sorted(groups):
        keys = sorted(groups[label])
        Random(f"{seed} {label}").shuffle(keys)  # noqa: S311  a split that can be repeated, not a secret
        for n, key in enumerate(keys):
            tenth = n * 10 // len(keys)
            sides[0 if tenth < 7 else 1 if tenth < 8 else 2].extend(groups[label][key])
    return Split(*(tuple(side) for side in sides))


def fit(messages: Sequence[Labelled], *, seed: int = SEED) -> Model:
    """A softmax model by stochastic steps, each feature's step growing smaller the more it has moved (AdaGrad)."""
    labels = tuple(sorted({one.label for one in messages}))
    features = _classes.features([one.text for one in messages])
    seen = np.bincount(features.feature, minlength=1 << BITS)
    idf = np.where(seen >= _SEEN_MIN, np.log((1 + len(messages)) / (1 + seen)) + 1, 0).astype(np.float32)
    weight = _classes.weighed(features, idf)
    wanted = np.array([labels.index(one.label) for one in messages])
    weights = np.zeros((1 << BITS, len(labels)), dtype=np.float32)
    moved = np.full_like(weights, 1e-3)
    bias = np.zeros(len(labels), dtype=np.float32)
    order = np.random.default_rng(seed)
    for _ in range(_PASSES):
        shuffled = order.permutation(len(messages))
        for at in range(0, len(messages), _BATCH):
            rows = np.sort(shuffled[at : at + _BATCH])
            part, force = _rows(features, weight, rows)
            error = _classes.softmax(_classes.summed(part, force, weights) + bias)
            error[np.arange(len(rows)), wanted[rows]] -= 1
            _step(part, force, error, weights, moved)
            bias -= 0.05 * error.mean(axis=0)
    return Model(labels=labels, idf=idf, weights=weights, bias=bias)


def adjusted(model: Model, messages: Sequence[Labelled]) -> Model:
    """The model with a confidence that means what it says: the temperature under which these messages are least surprising."""
    scores = model.scores(_classes.features([one.text for one in messages]))
    wanted = np.array([model.labels.index(one.label) for one in messages])
    heats = np.geomspace(0.1, 10, 121)
    losses = [-np.log(np.maximum(_chosen(scores / heat, wanted), 1e-12)).mean() for heat in heats]
    heat = float(heats[int(np.argmin(losses))])
    return replace(model, temperature=heat, threshold=SHOWN_FROM)


def worth(model: Model, messages: Sequence[Labelled]) -> Worth:
    """How well `messages` are told apart, and how many in a second of CPU."""
    begun = time.process_time()
    sure = model.probabilities([one.text for one in messages])
    seconds = time.process_time() - begun
    wanted = np.array([model.labels.index(one.label) for one in messages])
    said, best = sure.argmax(axis=1), sure.max(axis=1)
    f1 = {label: _f1(said == n, wanted == n) for n, label in enumerate(model.labels)}
    shown = best >= model.threshold
    return Worth(
        macro_f1=round(sum(f1.values()) / len(f1), 4),
        accuracy=round(float((said == wanted).mean()), 4),
        f1={label: round(value, 4) for label, value in f1.items()},
        shown=round(float(shown.mean()), 4),
        shown_right=round(float((said == wanted)[shown].mean()), 4) if shown.any() else 0.0,
        calibration_error=round(_calibration_error(best, said == wanted), 4),
        messages_per_second=round(len(messages) / max(seconds, 1e-9)),
    )


def _key(text: str) -> bytes:
    """The same for messages that differ only in order, spaces and stops."""
    return np.unique(_grams.pairs([text]).piece).tobytes()


def _rows(features: Counted, weight: Floats, rows: Ints) -> tuple[Counted, Floats]:
    """Only these rows."""
    begins, lengths = features.starts[rows], np.diff(features.starts)[rows]
    starts = np.concatenate(([0], np.cumsum(lengths)))
    at = np.arange(starts[-1]) + np.repeat(begins - starts[:-1], lengths)
    return Counted(features.feature[at], features.count[at], starts), weight[at]


def _step(part: Counted, force: Floats, error: Floats, weights: Floats, moved: Floats) -> None:
    rows = np.repeat(np.arange(len(part.starts) - 1), np.diff(part.starts))
    order = np.argsort(part.feature, kind="stable")
    touched, begins = np.unique(part.feature[order], return_index=True)
    slope = np.add.reduceat(force[order][:, None] * error[rows[order]], begins, axis=0)
    slope = slope + _SHRINK * weights[touched]
    moved[touched] += slope**2
    weights[touched] -= _STEP * slope / np.sqrt(moved[touched])


def _chosen(scores: Floats, wanted: Ints) -> Floats:
    chosen: Floats = _classes.softmax(scores)[np.arange(len(wanted)), wanted]
    return chosen


def _f1(said: Ints, wanted: Ints) -> float:
    both = float((said & wanted).sum())
    total = float(said.sum() + wanted.sum())
    return 2 * both / total if total else 0.0


def _calibration_error(sure: Floats, right: Floats) -> float:
    """The mean difference of confidence and truth, over ten equal ranges of confidence."""
    places = np.minimum((sure * 10).astype(int), 9)
    error = 0.0
    for place in range(10):
        inside = places == place
        if inside.any():
            error += float(inside.mean()) * abs(float(sure[inside].mean()) - float(right[inside].mean()))
    return error
