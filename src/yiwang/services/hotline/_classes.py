"""The trained model: which category a message belongs to, how sure that is, and which words say so."""

import hashlib
import io
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from yiwang.services.hotline import _grams
from yiwang.services.hotline._grams import Counted, Floats

BITS = 18
_BATCH = 256
_WORDS, _WORD_SIGNS = 4, 8
_EMPTY_SIGNS = "的了是在和与有个我们也都就不很到"
"""Signs that begin or end no word that says something."""


@dataclass(frozen=True, slots=True)
class Model:
    """A linear model over pieces of text. `threshold` is the least confidence that is shown."""

    labels: tuple[str, ...]
    idf: Floats
    weights: Floats
    bias: Floats
    temperature: float = 1.0
    threshold: float = 0.0
    facts: dict[str, Any] = field(default_factory=dict)
    digest: str = ""

    def probabilities(self, texts: Sequence[str]) -> Floats:
        """A row for each text, a column for each label."""
        found = [self._batch(texts[at : at + _BATCH]) for at in range(0, len(texts), _BATCH)]
        return np.concatenate(found) if found else np.zeros((0, len(self.labels)), dtype=np.float32)

    def scores(self, features: Counted) -> Floats:
        scores: Floats = summed(features, weighed(features, self.idf), self.weights) + self.bias
        return scores

    def words(self, text: str, label: str) -> tuple[str, ...]:
        """The stretches of `text` that speak most for `label` against the others, the strongest first."""
        return told(text, self._pull(text, self.labels.index(label)))

    def _batch(self, texts: Sequence[str]) -> Floats:
        found = features(texts)
        scores = self.scores(found)
        # A text of which no piece was ever seen is as likely this as that, however common a label is.
        rows = np.repeat(np.arange(len(texts)), np.diff(found.starts))
        scores[np.bincount(rows, self.idf[found.feature], minlength=len(texts)) == 0] = 0
        return softmax(scores / self.temperature)

    def _pull(self, text: str, column: int) -> Floats:
        """How much each sign of `text` speaks for a label."""
        pull = np.zeros(len(text) + 1, dtype=np.float32)
        pairs = _grams.pairs([text])
        known = _grams.folded(pairs.piece, BITS)
        force = self.idf[known] * (self.weights[known, column] - self.weights[known].mean(axis=1))
        np.add.at(pull, pairs.position, force)
        np.add.at(pull, pairs.position + 1, force)
        whole: Floats = pull[:-1]
        return whole


def features(texts: Sequence[str]) -> Counted:
    """Each text's pieces as features of the model."""
    pairs = _grams.pairs(texts)
    return _grams.counted(pairs.row, _grams.folded(pairs.piece, BITS), pairs.rows, BITS)


def weighed(features: Counted, idf: Floats) -> Floats:
    """Each feature's weight in its text: how often, how rare, brought to length one; what was never seen weighs nothing."""
    weight = (1 + np.log(features.count)) * idf[features.feature]
    rows = np.repeat(np.arange(len(features.starts) - 1), np.diff(features.starts))
    length = np.sqrt(np.bincount(rows, weight**2, minlength=len(features.starts) - 1))
    return (weight / np.maximum(length, 1e-9)[rows]).astype(np.float32)


def summed(features: Counted, weight: Floats, weights: Floats) -> Floats:
    """The weighted sum of each text's rows of `weights`."""
    parts = weights[features.feature] * weight[:, None]
    # A row of zeros at the end gives empty texts at the end something to point at.
    parts = np.concatenate((parts, np.zeros((1, weights.shape[1]), dtype=np.float32)))
    total: Floats = np.add.reduceat(parts, features.starts[:-1], axis=0)
    total[np.diff(features.starts) == 0] = 0
    return total


def softmax(scores: Floats) -> Floats:
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    shares: Floats = (powers / powers.sum(axis=1, keepdims=True)).astype(np.float32)
    return shares


def told(text: str, pull: Floats) -> tuple[str, ...]:
    """The runs of signs that pull most, as words."""
    if not (pull > 0).any():
        return ()
    floor = float(pull.max()) * 0.4
    words: dict[str, float] = {}
    for begin, end in _runs(pull >= max(floor, 1e-9)):
        word = text[begin : min(end, begin + _WORD_SIGNS)].strip().strip(_EMPTY_SIGNS)
        if len(word) > 1:
            words[word] = words.get(word, 0) + float(pull[begin:end].sum())
    ranked = sorted(words, key=lambda word: (-words[word], word))
    return tuple(word for n, word in enumerate(ranked) if not any(word in other for other in ranked[:n]))[:_WORDS]


def _runs(marked: Any) -> Iterator[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(np.concatenate(([0], marked.astype(np.int8), [0]))))
    yield from zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True)


def write(model: Model, path: Path) -> str:
    """Write the numbers to `path` (.npz) and what is said of them beside it (.json). Answers the digest."""
    path.parent.mkdir(parents=True, exist_ok=True)
    buffer = io.BytesIO()
    # Half precision: a hundredth of a percent of the answers change, and the file is half as big.
    np.savez_compressed(buffer, idf=model.idf, weights=model.weights.astype(np.float16), bias=model.bias)
    digest = hashlib.sha256(buffer.getvalue()).hexdigest()
    said = {
        "labels": model.labels,
        "temperature": model.temperature,
        "threshold": model.threshold,
        "facts": model.facts,
    }
    for target, content in (
        (path, buffer.getvalue()),
        (path.with_suffix(".json"), json.dumps(said | {"sha256": digest}, ensure_ascii=False, indent=1).encode()),
    ):
        beside = target.with_suffix(target.suffix + ".new")
        beside.write_bytes(content)
        beside.replace(target)
    return digest


def read(path: Path) -> Model:
    """The model that `write` wrote. Raises ValueError where the two files are not of one piece."""
    said = json.loads(path.with_suffix(".json").read_bytes())
    content = path.read_bytes()
    if hashlib.sha256(content).hexdigest() != said["sha256"]:
        raise ValueError("the numbers of the model are not those that its description names")
    with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
        idf, weights, bias = arrays["idf"], arrays["weights"].astype(np.float32), arrays["bias"]
    if (
        weights.shape != (1 << BITS, len(said["labels"]))
        or idf.shape != (1 << BITS,)
        or bias.shape != weights.shape[1:]
    ):
        raise ValueError("the model has another shape than this version reads")
    return Model(
        labels=tuple(said["labels"]),
        idf=idf,
        weights=weights,
        bias=bias,
        temperature=float(said["temperature"]),
        threshold=float(said["threshold"]),
        facts=said["facts"],
        digest=said["sha256"],
    )
