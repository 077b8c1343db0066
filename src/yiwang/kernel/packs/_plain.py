"""Says in plain Chinese how one content of a pack differs from another, by the names that its kind gives its fields."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Any

from pydantic import BaseModel, TypeAdapter, ValidationError

from yiwang.kernel.packs._names import Annotation, field_in, field_name, inner, is_mapping, model_for
from yiwang.kernel.packs._text import Text
from yiwang.kernel.packs.contracts import Difference, Layer, PackModel, spec_of

_KEYS = ("key", "id", "code", "slot", "name", "element")
_TITLES = ("title", "name", "label", "sentence", "question", "id", "code", "key")
_NOTHING: Any = object()
SetBy = Callable[[str], Layer]


def differences(kind: str, old: dict[str, Any], new: dict[str, Any], set_by: SetBy) -> Iterator[Difference]:
    """One for each thing that somebody would call a change."""
    spec = spec_of(kind)
    root = spec.schema if spec else PackModel
    yield from _Plain(root, set_by).walk(old, new, root, _Spot())


@dataclass(frozen=True)
class _Spot:
    """A place in a pack: dotted, what to call it, and the noun of what stands there."""

    where: tuple[str, ...] = ()
    whose: str = ""
    noun: str = ""

    def part(self, field: str, noun: str) -> "_Spot":
        # “承诺时限” in “时限” needs no “时限的” before it.
        holder = "" if self.noun and self.noun in noun else self.noun
        return _Spot((*self.where, field), f"{self.whose}{holder}的" if holder else self.whose, noun)

    def item(self, key: str, title: str) -> "_Spot":
        return _Spot((*self.where, key), self.whose, f"{self.noun}“{title}”")

    @property
    def name(self) -> str:
        return f"{self.whose}{self.noun}"


@dataclass(frozen=True)
class _Plain:
    root: type[BaseModel]
    set_by: SetBy

    def walk(self, old: Any, new: Any, annotation: Annotation, spot: _Spot) -> Iterator[Difference]:
        # Equal mappings may still differ in the order their author chose.
        if old == new and (_is_text(annotation, old, new) or not isinstance(old, dict | list)):
            return
        if _is_text(annotation, old, new):
            yield from self._text(old, new, spot)
        elif isinstance(old, dict) and isinstance(new, dict):
            yield from self._dicts(old, new, annotation, spot)
        elif isinstance(old, list) and isinstance(new, list):
            yield from self._lists(old, new, annotation, spot)
        else:
            was, now = shown(old, annotation), shown(new, annotation)
            yield self.said(spot, f"{spot.name}由 {was} 改为 {now}", old, new)

    def said(self, spot: _Spot, words: str, old: Any = None, new: Any = None) -> Difference:
        where = ".".join(spot.where)
        old, new = (None if value is _NOTHING else value for value in (old, new))
        return Difference(where, words, old, new, self.set_by(where).path)

    def _text(self, old: Any, new: Any, spot: _Spot) -> Iterator[Difference]:
        was, now = Text._read(old), Text._read(new)
        if was != now:
            yield self.said(spot, f"{spot.name}由“{_short(was)}”改为“{_short(now)}”", old, new)
        else:
            yield self.said(spot, f"{spot.name}的英文由“{_short(was.en)}”改为“{_short(now.en)}”", old, new)

    def _dicts(self, old: Any, new: Any, annotation: Annotation, spot: _Spot) -> Iterator[Difference]:
        if is_mapping(annotation):
            yield from self._items(old, new, inner(annotation), spot)
            return
        model = model_for(annotation, new)
        for field in [*old, *(field for field in new if field not in old)]:
            below = spot.part(field, field_name(self.root, model, field))
            was, now = old.get(field, _NOTHING), new.get(field, _NOTHING)
            inside = field_in(model, field)
            if was is _NOTHING:
                yield from self._new_field(now, inside, below)
            elif now is _NOTHING:
                yield self.said(below, f"不再写{below.name}（原为 {shown(was, inside)}）", was)
            else:
                yield from self.walk(was, now, inside, below)
        yield from self._order(old, new, spot)

    def _new_field(self, value: Any, annotation: Annotation, spot: _Spot) -> Iterator[Difference]:
        if is_mapping(annotation) and isinstance(value, dict):
            yield from self._items({}, value, inner(annotation), spot)
        elif isinstance(value, list) and _named(value) is not None:
            yield from self._lists([], value, annotation, spot)
        else:
            yield self.said(spot, f"写明{spot.name}为 {shown(value, annotation)}", None, value)

    def _items(self, old: dict[str, Any], new: dict[str, Any], each: Annotation, spot: _Spot) -> Iterator[Difference]:
        """Named items: of a mapping by their name, of a list by what names them."""
        for key in [*old, *(key for key in new if key not in old)]:
            was, now = old.get(key, _NOTHING), new.get(key, _NOTHING)
            below = spot.item(key, _title(now if now is not _NOTHING else was) or key)
            if was is _NOTHING:
                value = "" if isinstance(now, dict) else f" {shown(now, each)}"
                yield self.said(below, f"{spot.whose and spot.whose[:-1]}加上{below.noun}{value}", None, now)
            elif now is _NOTHING:
                yield self.said(below, f"{spot.whose and spot.whose[:-1]}去掉{below.noun}", was)
            else:
                yield from self.walk(was, now, each, below)
        yield from self._order(old, new, spot)

    def _lists(self, old: list[Any], new: list[Any], annotation: Annotation, spot: _Spot) -> Iterator[Difference]:
        named_old, named_new = _named(old), _named(new)
        if named_old is not None and named_new is not None:
            yield from self._items(named_old, named_new, inner(annotation), spot)
            return
        gone, come = [each for each in old if each not in new], [each for each in new if each not in old]
        if gone:
            yield self.said(spot, f"{spot.name}去掉 {shown(gone, annotation)}", old, new)
        if come:
            yield self.said(spot, f"{spot.name}加上 {shown(come, annotation)}", old, new)
        if old != new and not gone and not come:
            yield self.said(spot, f"{spot.name}次序有变", old, new)

    def _order(self, old: dict[str, Any], new: dict[str, Any], spot: _Spot) -> Iterator[Difference]:
        if list(old) != list(new) and sorted(old) == sorted(new):
            yield self.said(spot, f"{spot.name or '字段'}次序有变", list(old), list(new))


def _is_text(annotation: Annotation, old: Any, new: Any) -> bool:
    pair = [value for value in (old, new) if isinstance(value, dict)]
    written = all(value.keys() <= {"zh", "en"} and isinstance(value.get("zh"), str) for value in pair)
    return bool(pair) and written and all(isinstance(value, str | dict) for value in (old, new))


def _named(items: list[Any]) -> dict[str, Any] | None:
    """Items by what names them, so that an insertion does not look as if everything changed."""
    if not items:
        return {}
    for label in _KEYS:
        names = [str(item[label]) for item in items if isinstance(item, dict) and label in item]
        if len(names) == len(items) == len(set(names)):
            return dict(zip(names, items, strict=True))
    return None


def _title(item: Any) -> str:
    if not isinstance(item, dict):
        return ""
    found = next((item[label] for label in _TITLES if label in item), "")
    return _short(str(found.get("zh", "")) if isinstance(found, dict) else str(found))


def shown(value: Any, annotation: Annotation = None) -> str:
    """A value as people read it: 5个工作日, 是, 结婚证、户口簿."""
    if isinstance(value, list):
        each = inner(annotation)
        return "、".join(shown(item, each) for item in value) if len(value) <= 8 else f"{len(value)} 项"
    if isinstance(value, dict):
        return _title(value) or (_short(str(value["zh"])) if "zh" in value else f"{len(value)} 项")
    typed = _typed(value, annotation)
    if value is None:
        return "（空）"
    if isinstance(typed, bool):
        return "是" if typed else "否"
    if isinstance(typed, Enum):
        return str(getattr(typed, "label", typed.value))
    return _short(str(typed)) or "（空）"


def _typed(value: Any, annotation: Annotation) -> Any:
    """The value in its kind's terms where they say more than the text: a limit, a code of a standard."""
    if annotation in (None, str, Text) or isinstance(value, bool | int):
        return value
    try:
        return TypeAdapter(annotation).validate_python(value)
    except (ValidationError, TypeError):
        return value


def _short(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:60]}…"
