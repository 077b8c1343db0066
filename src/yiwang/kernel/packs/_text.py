"""A text of a pack: Chinese, with English where the author gave it."""

from typing import Any, Self

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema


class Text(str):
    """The Chinese text itself, carrying its English in `.en`; written `标题` or `{zh: 标题, en: Title}`."""

    en: str

    def __new__(cls, zh: str, en: str = "") -> Self:
        text = super().__new__(cls, zh)
        text.en = en
        return text

    @property
    def zh(self) -> str:
        return str(self)

    def in_language(self, code: str | None) -> str:
        """The English where `code` is English and the author gave it, else the Chinese."""
        return self.en if self.en and (code or "").startswith("en") else str(self)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(
            cls._read,
            serialization=core_schema.plain_serializer_function_ser_schema(cls._written),
        )

    @classmethod
    def __get_pydantic_json_schema__(cls, core: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        words = {"type": "string", "minLength": 1}
        both = {"zh": {**words, "title": "中文"}, "en": {"type": "string", "title": "英文"}}
        pair = {"type": "object", "properties": both, "required": ["zh"], "additionalProperties": False}
        return {"anyOf": [words, pair]}

    @classmethod
    def _read(cls, value: object) -> "Text":
        if isinstance(value, Text):
            return value
        zh: object
        en: object
        if isinstance(value, str):
            zh, en = value, ""
        elif isinstance(value, dict) and "zh" in value and value.keys() <= {"zh", "en"}:
            zh, en = value["zh"], value.get("en", "")
        else:
            raise PydanticCustomError("text", "text")
        if isinstance(zh, str) and isinstance(en, str) and zh.strip():
            return cls(zh.strip(), en.strip())
        raise PydanticCustomError("text", "text")

    def _written(self) -> str | dict[str, str]:
        return {"zh": str(self), "en": self.en} if self.en else str(self)
