"""Suggesting categories by a trained model, and training one: from a file of labelled messages, or from the place's own closed tickets."""

import csv
import json
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import lru_cache, partial
from itertools import islice
from pathlib import Path

from django.conf import settings
from django.db import transaction

from yiwang.kernel.audit import actions as audit
from yiwang.kernel.base.contracts import Actor
from yiwang.services.hotline import _classes, _policy, _training
from yiwang.services.hotline._classes import Model
from yiwang.services.hotline._policy import Node
from yiwang.services.hotline._topic_shapes import BadTrainingFile, TooLittleToLearn, Training, Worth
from yiwang.services.hotline._training import Labelled
from yiwang.services.hotline.contracts import Suggestion, TicketKind
from yiwang.services.hotline.models import Ticket

TEXTS, LABELS = ("tokens", "text", "content", "留言详情"), ("label_l1", "label", "category", "一级分类")
"""Names that the two columns of a training file may have."""
PER_LABEL_MIN, TEXT_MAX, FILE_MAX_BYTES = 20, 8000, 400_000_000
_SHOWN_MAX, _SECOND = 3, 0.2
_CHUNK = 500


def model_path() -> Path:
    return Path(settings.YIWANG_HOME) / "models" / "hotline-categories.npz"


def suggester(*, text: str, kind: TicketKind | None, region_code: str) -> list[Suggestion]:
    """What the model makes of a text; nothing where none was trained, so that the tree's words answer."""
    model = current(model_path())
    return advised(model, text) if model else []


def current(path: Path) -> Model | None:
    """The model in force, read when it is first asked for and again when it was trained anew."""
    try:
        stamp = path.stat()
    except OSError:
        return None
    return _read(path, stamp.st_mtime_ns, stamp.st_size)


def advised(model: Model, text: str) -> list[Suggestion]:
    """Categories by the model, the surest first; by the tree's words where it is not sure, and saying so."""
    fitting = islice(_fitting(model, text, model.probabilities([text])[0].tolist()), _SHOWN_MAX)
    return [Suggestion(one.node.code, _policy.tree().line(one.node.code), one.sure, one.why()) for one in fitting]


def leading(model: Model, texts: Sequence[str]) -> Iterator[tuple[str, int]]:
    """The category that `advised` names first for each of many texts, empty where nothing fits, and how sure; reasons are not worked out."""
    for text, shares in zip(texts, model.probabilities(texts).tolist(), strict=True):
        first = next(_fitting(model, text, shares), None)
        yield (first.node.code, first.sure) if first else ("", 0)


@transaction.atomic
def train(*, messages: Iterable[Labelled], source: str, to: Path | None = None, by: Actor, at: datetime) -> Training:
    """Train, measure on messages kept aside, and put the model in force. Raises TooLittleToLearn.

    The model that is kept is the one that was measured: it never saw the messages it was judged by.
    """
    enough, rare = _enough(messages)
    parts = _training.split(enough)
    model = _training.adjusted(_training.fit(parts.learn), parts.adjust)
    worth = _training.worth(model, parts.judge)
    sizes = {"learned": len(parts.learn), "adjusted": len(parts.adjust), "judged": len(parts.judge)}
    facts = {"source": source, "trained_at": at.isoformat(timespec="seconds"), **sizes, "worth": asdict(worth)}
    digest = _classes.write(_with(model, facts), to or model_path())
    audit.record(
        "hotline.model.trained",
        target=f"hotline.model:{digest[:12]}",
        by=by,
        at=at,
        detail={"source": source, **sizes, "macro_f1": worth.macro_f1},
    )
    return Training(
        digest=digest, path=str(to or model_path()), labels=model.labels, unplaced=_unplaced(model.labels), left_out=rare,
        seed=_training.SEED, worth=Worth(**asdict(worth)), **sizes,
    )  # fmt: skip


def labelled(path: Path) -> Iterator[Labelled]:
    """Messages of a CSV file with a column of text (or of words with spaces between) and one of labels. Raises BadTrainingFile."""
    if path.stat().st_size > FILE_MAX_BYTES:
        raise BadTrainingFile(f"文件超过{FILE_MAX_BYTES // 1_000_000}MB。", hint="请分成几份，或抽取一部分。")
    csv.field_size_limit(1_000_000)
    with path.open(encoding="utf-8-sig", newline="") as lines:
        try:
            rows = csv.DictReader(lines)
            text, label = _column(rows.fieldnames, TEXTS), _column(rows.fieldnames, LABELS)
            for row in rows:
                if (row[text] or "").strip() and (row[label] or "").strip():
                    # Cut words are put together again: pieces go over their borders.
                    words = row[text].replace(" ", "") if text == "tokens" else row[text]
                    yield Labelled(words[:TEXT_MAX], row[label].strip())
        except (csv.Error, UnicodeDecodeError) as wrong:
            raise BadTrainingFile("这不是 UTF-8 编码的 CSV 文件。", hint="请另存为 UTF-8 的 CSV 再试。") from wrong


def of_tickets(*, level: int = 1, by: Actor, at: datetime) -> Iterator[Labelled]:
    """Closed tickets with the category that a person gave them. 举报 and what was erased are not among them.

    Reading so many contents is an act: it is written down before the first is opened.
    """
    audit.record("hotline.tickets.read_to_learn", target="hotline.model", by=by, at=at, detail={"level": level})
    rows = Ticket.objects.filter(case__closed_at__isnull=False, is_confidential=False).exclude(category="")
    # Whose category nobody decided is no lesson.
    decided = rows.filter(dispatched_at__isnull=False) | rows.filter(responded_at__isnull=False)
    for row in decided.distinct().only("content", "category").order_by("pk").iterator(chunk_size=_CHUNK):
        if len(row.category) >= 2 * level and not row.content.startswith("（"):
            yield Labelled(row.content[:TEXT_MAX], row.category[: 2 * level])


@dataclass(frozen=True, slots=True)
class _Fit:
    """A category that fits, how sure in percent, and what works out why."""

    node: Node
    sure: int
    why: Callable[[], str]


def _fitting(model: Model, text: str, shares: Sequence[float]) -> Iterator[_Fit]:
    ranked = sorted(zip(shares, model.labels, strict=True), key=lambda one: (-one[0], one[1]))
    if ranked[0][0] <= model.threshold:
        yield from _by_words(text, f"模型把握不足（最高{ranked[0][0]:.0%}），")
        return
    likely = [fit for share, label in ranked if share >= _SECOND for fit in _below(text, label, share, model)]
    yield from sorted(likely, key=lambda one: -one.sure)


def _with(model: Model, facts: dict[str, object]) -> Model:
    return Model(model.labels, model.idf, model.weights, model.bias, model.temperature, model.threshold, facts)


def _enough(messages: Iterable[Labelled]) -> tuple[list[Labelled], dict[str, int]]:
    known = list(messages)
    counts: dict[str, int] = {}
    for one in known:
        counts[one.label] = counts.get(one.label, 0) + 1
    rare = {label: n for label, n in sorted(counts.items()) if n < PER_LABEL_MIN}
    if len(counts) - len(rare) < 2:
        raise TooLittleToLearn(
            f"可学的类别不到两个：每类至少要有{PER_LABEL_MIN}条。", hint="请补充标注，或等办结的工单多一些再训练。"
        )
    return [one for one in known if one.label not in rare], rare


def _column(names: Sequence[str] | None, wanted: Sequence[str]) -> str:
    for name in wanted:
        if name in (names or ()):
            return name
    raise BadTrainingFile(f"找不到列：{'、'.join(wanted)}中的一个。", hint="请核对表头。")


@lru_cache(maxsize=2)
def _read(path: Path, changed: int, size: int) -> Model | None:
    try:
        return _classes.read(path)
    except (ValueError, KeyError, OSError, json.JSONDecodeError, zipfile.BadZipFile):
        # What was damaged or half written is no model: the words of the tree go on.
        return None


def _unplaced(labels: Sequence[str]) -> tuple[str, ...]:
    return tuple(label for label in labels if not _policy.tree().meant(label))


def _below(text: str, label: str, share: float, model: Model) -> Iterator[_Fit]:
    nodes = _policy.tree().meant(label)
    above = tuple(node.code for node in nodes)
    leaves = [one for one in _policy.tree().said(text) if one[0].code.startswith(above)]
    if leaves:
        leaf, found = leaves[0]
        more = f"；细类按“{'”“'.join(found)}”。"
        yield _Fit(leaf, round(100 * share), lambda: _why(model, text, label, share) + more)
        return
    for node in nodes:
        yield _Fit(
            node,
            round(100 * share / len(nodes)),
            lambda: _why(model, text, label, share) + "；没有说到细类的词。",
        )


def _why(model: Model, text: str, label: str, share: float) -> str:
    words = "”“".join(model.words(text, label))
    return f"像“{label}”（{share:.0%}）" + (f"，依据“{words}”" if words else "")


def _by_words(text: str, because: str) -> Iterator[_Fit]:
    for leaf, found in _policy.tree().said(text):
        sure = min(0.45, 0.1 + 0.08 * sum(len(word) for word in found))
        yield _Fit(leaf, round(100 * sure), partial(_reason, because, found))


def _reason(because: str, found: Sequence[str]) -> str:
    return f"{because}按分类常用词“{'”“'.join(found)}”。"
