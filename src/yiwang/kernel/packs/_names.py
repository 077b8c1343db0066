"""The Chinese names of what a pack file may say: kinds, and fields wherever they stand in a kind."""

from collections.abc import Collection, Mapping
from types import UnionType
from typing import Annotated, Any, TypeAlias, Union, get_args, get_origin

from pydantic import BaseModel

from yiwang.kernel.packs._registry import spec_of

Annotation: TypeAlias = Any
# What means the same wherever it stands; a kind's own `field_names` come first.
COMMON: Mapping[str, str] = {
    "kind": "类别", "id": "编号", "version": "版本", "title": "名称", "note": "说明", "legal_basis": "依据",
    "examples": "例子", "name": "名称", "code": "代码", "when": "条件", "help": "填写说明", "limit": "期限",
    "basis": "依据", "article": "条款", "document_no": "文号", "url": "网址",
}  # fmt: skip


def kind_title(kind: str) -> str:
    """事项 for Matter; the kind itself where nobody named it."""
    spec = spec_of(kind)
    return (spec.schema.kind_title if spec else "") or kind


def field_name(root: type[BaseModel], part: type[BaseModel] | None, field: str) -> str:
    """The Chinese name of a field (as a file writes it) in a part of a kind; the field itself where it has none."""
    names: Mapping[str, str] = getattr(root, "field_names", {})
    exact = f"{part.__name__}.{field}" if part else field
    return names.get(exact) or names.get(field) or COMMON.get(field) or field


def field_in(part: type[BaseModel] | None, field: str) -> Annotation:
    """The type of a field by the name that a file writes; None for an unknown one."""
    if part is None:
        return None
    for name, info in part.model_fields.items():
        if field in (name, info.alias):
            return info.annotation
    return None


def models_in(annotation: Annotation) -> list[type[BaseModel]]:
    """The parts that a value of this type can be, in a list or mapping too."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for argument in get_args(annotation) for model in models_in(argument)]


def model_for(annotation: Annotation, value: Any) -> type[BaseModel] | None:
    """The part that `value` is: the only one, or the one whose literal `type` it states or leaves at its default."""
    models = models_in(annotation)
    if len(models) < 2 or not isinstance(value, dict):
        return models[0] if models else None
    stated = value.get("type", "post")
    for model in models:
        info = model.model_fields.get("type")
        if info and stated in get_args(info.annotation):
            return model
    return models[0]


def inner(annotation: Annotation) -> Annotation:
    """The type of the items of a list, or of the values of a mapping; of a union, of the first member that has any."""
    origin: Any = get_origin(annotation)
    arguments = get_args(annotation)
    if origin is Annotated:
        return inner(arguments[0])
    if origin in (Union, UnionType):
        return next((found for one in arguments if (found := inner(one)) is not None), None)
    if isinstance(origin, type) and issubclass(origin, Collection):
        return next(each for each in reversed(arguments) if each is not Ellipsis)
    return None


def is_mapping(annotation: Annotation) -> bool:
    """Whether values stand under names of the author's own (steps of a flow), not under a part's fields."""
    origin: Any = get_origin(annotation)
    arguments = get_args(annotation)
    if origin is Annotated:
        return is_mapping(arguments[0])
    if origin in (Union, UnionType):
        return any(is_mapping(one) for one in arguments)
    return isinstance(origin, type) and issubclass(origin, Mapping)
