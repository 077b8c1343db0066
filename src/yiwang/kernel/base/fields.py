"""Model fields for classed personal data, sealed in the database and plain in Python."""

import json
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from pydantic_core import from_json

from yiwang.kernel.base.sealing import seal, sealed_index, unseal

__all__ = ["SealedJSONField", "SealedTextField", "sealed_index"]


class _SealedField(models.BinaryField):  # type: ignore[type-arg]
    """Cannot be filtered on: look up through a `sealed_index` column instead."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("editable", False)
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> tuple[str, str, Any, Any]:
        name, path, args, kwargs = super().deconstruct()
        kwargs.pop("editable", None)
        return name, path, args, kwargs

    def get_lookup(self, lookup_name: str) -> Any:
        return super().get_lookup(lookup_name) if lookup_name == "isnull" else None

    def encode(self, value: Any) -> bytes:
        raise TypeError(f"{type(self).__name__} has no encoding")

    def decode(self, plain: bytes) -> Any:
        raise TypeError(f"{type(self).__name__} has no decoding")

    def get_prep_value(self, value: Any) -> bytes | None:
        return None if value is None else seal(self.encode(value))

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        return value if prepared or value is None else self.get_prep_value(value)

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Any:
        return None if value is None else self.decode(unseal(bytes(value)))

    def to_python(self, value: Any) -> Any:
        return value

    def value_to_string(self, obj: Any) -> str:
        raise TypeError("sealed values are not serialised")


class SealedTextField(_SealedField):
    description = "Sealed text"

    def encode(self, value: Any) -> bytes:
        return str(value).encode()

    def decode(self, plain: bytes) -> str:
        return plain.decode()


class SealedJSONField(_SealedField):
    description = "Sealed JSON"

    def encode(self, value: Any) -> bytes:
        return json.dumps(value, ensure_ascii=False, cls=DjangoJSONEncoder, sort_keys=True).encode()

    def decode(self, plain: bytes) -> Any:
        return from_json(plain)
