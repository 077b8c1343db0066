"""Every kind of pack names itself and its fields in Chinese: editors, differences and manuals speak the author's language."""

import re
from collections.abc import Iterator
from typing import Any, get_args

import pytest
from pydantic import BaseModel

from yiwang.kernel.packs._names import field_name
from yiwang.kernel.packs.contracts import known_kinds, spec_of


def parts(found: Any) -> Iterator[type[BaseModel]]:
    if isinstance(found, type) and issubclass(found, BaseModel):
        yield found
        for info in found.model_fields.values():
            yield from parts(info.annotation)
    for argument in get_args(found):
        yield from parts(argument)


@pytest.mark.parametrize("kind", known_kinds())
def test_every_field_of_a_kind_has_a_chinese_name(kind: str) -> None:
    spec = spec_of(kind)
    assert spec is not None
    assert spec.schema.kind_title, f"give {spec.schema.__name__} a kind_title"
    nameless = {
        f"{part.__name__}.{field}"
        for part in set(parts(spec.schema))
        for name, info in part.model_fields.items()
        if not re.search("[一-鿿]", field_name(spec.schema, part, field := info.alias or name))
    }
    assert nameless == set(), f"add them to {spec.schema.__name__}.field_names (see docs/decisions/0061)"
