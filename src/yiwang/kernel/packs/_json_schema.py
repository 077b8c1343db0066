"""JSON Schema of each kind, for editors: full packs and overlays, with the Chinese names of fields."""

from collections.abc import Mapping
from typing import Any

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from yiwang.kernel.packs._laying import DROP
from yiwang.kernel.packs._names import field_name
from yiwang.kernel.packs._registry import known_kinds, spec_of
from yiwang.kernel.packs._schema import ID_PATTERN, PackModel

DIALECT = "https://json-schema.org/draft/2020-12/schema"
ANY = "pack.schema.json"
Schema = dict[str, Any]


def file_name(kind: str) -> str:
    return f"{kind}.schema.json"


def schemas() -> dict[str, Schema]:
    """One schema per kind by file name, and `pack.schema.json`, which goes by what `kind` says."""
    kinds = {kind: spec.schema for kind in known_kinds() if (spec := spec_of(kind))}
    found = {file_name(kind): _of_kind(kind, schema) for kind, schema in kinds.items()}
    return {**found, ANY: _any(kinds)}


def _any(kinds: Mapping[str, type[PackModel]]) -> Schema:
    names = [{"const": kind, "title": schema.kind_title or kind} for kind, schema in kinds.items()]
    branches = [
        {"if": {"properties": {"kind": {"const": kind}}, "required": ["kind"]}, "then": {"$ref": file_name(kind)}}
        for kind in kinds
    ]
    return {
        "$schema": DIALECT,
        "$id": ANY,
        "title": "配置包",
        "type": "object",
        "required": ["kind"],
        "properties": {"kind": {"title": "类别", "oneOf": names}},
        "allOf": branches,
    }


def _of_kind(kind: str, schema: type[PackModel]) -> Schema:
    class Named(GenerateJsonSchema):
        """Gives fields their Chinese names instead of a guess from the identifier."""

        def field_title_should_be_set(self, schema: Any) -> bool:
            return False

        def model_schema(self, core: core_schema.ModelSchema) -> JsonSchemaValue:
            made = super().model_schema(core)
            for field, part in made.get("properties", {}).items():
                part["title"] = field_name(schema, core["cls"], field)
            return made

    full = schema.model_json_schema(schema_generator=Named, mode="validation")
    defs = full.pop("$defs", {})
    full["properties"]["kind"] = {"const": kind, "title": "类别"}
    return {
        "$schema": DIALECT,
        "$id": file_name(kind),
        "title": f"{schema.kind_title or kind}（{kind}）",
        "type": "object",
        "if": {"required": ["overlay"]},
        "then": _overlay(kind, schema, full, defs),
        "else": full,
        "$defs": defs,
    }


def _overlay(kind: str, schema: type[PackModel], full: Schema, defs: Schema) -> Schema:
    """What an overlay may say: the fields a lower place may change, none of them required."""
    properties: Schema = {
        "kind": {"const": kind, "title": "类别"},
        "overlay": {"type": "string", "title": "改上级的哪个包", "pattern": ID_PATTERN[:-1] + r"(@[0-9]{1,4})?$"},
    }
    for path in sorted({*schema.overridable, "examples"}):
        _open(properties, path.split("."), full, defs, schema.named_lists)
    return {
        "type": "object",
        "title": "对上级的包的改动",
        "required": ["kind", "overlay"],
        "properties": properties,
        "additionalProperties": False,
    }


def _open(into: Schema, path: list[str], full: Schema, defs: Schema, named: Mapping[str, str]) -> None:
    """Lets `path` stand in an overlay, as its kind has it or as changes to named items."""
    first, *rest = path
    there = full.get("properties", {}).get(first)
    if there is None:
        return
    key = named.get(first)
    if key:
        into[first] = _items(there, key, defs, only=None if not rest else {rest[0]}, before=into.get(first))
    elif not rest:
        into[first] = there
    else:
        holder = into.setdefault(first, {"type": "object", "properties": {}, "additionalProperties": False})
        holder["title"] = there.get("title", first)
        _open(holder["properties"], rest, _resolved(there, defs), defs, {})


def _items(there: Schema, key: str, defs: Schema, *, only: set[str] | None, before: Schema | None) -> Schema:
    item = _resolved(_resolved(there, defs).get("items", {}), defs)
    known = item.get("properties", {})
    if before and only is not None:
        only |= before["items"]["properties"].keys()
    kept = {name: part for name, part in known.items() if only is None or name in only | {key}}
    drop = {DROP: {"const": True, "title": "去掉这一项"}} if only is None else {}
    each = {"type": "object", "required": [key], "properties": {**kept, **drop}, "additionalProperties": not known}
    return {"type": "array", "title": there.get("title", ""), "items": each}


def _resolved(part: Schema, defs: Schema) -> Schema:
    """The part behind a reference, or behind the one of several that is not null."""
    if "$ref" in part:
        return _resolved(defs[part["$ref"].rpartition("/")[2]], defs)
    several = [each for each in part.get("anyOf", ()) if each.get("type") != "null"]
    return _resolved(several[0], defs) if len(several) == 1 else part
