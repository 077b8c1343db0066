"""The JSON API's own description (OpenAPI 3.1), in which two apps may call different things by the same name."""

import re
from functools import cache
from typing import Any

from ninja import NinjaAPI
from ninja.openapi.schema import OpenAPISchema
from ninja.schema import NinjaGenerateJsonSchema
from pydantic.json_schema import CoreModeRef, DefsRef, JsonSchemaMode

OURS = re.compile(r"yiwang\.\w+\.(\w+)[\w.]*\.(?=\w+:)")


class AppNames(NinjaGenerateJsonSchema):
    """`RowOut` of `data.catalogue` is `CatalogueRowOut`."""

    def get_defs_ref(self, core_mode_ref: CoreModeRef) -> DefsRef:
        ref, mode = core_mode_ref
        return super().get_defs_ref((type(ref)(OURS.sub(lambda found: found[1].title(), ref)), mode))


def _named(model: Any) -> Any:
    """The model, describing itself by `AppNames`."""
    return _Named(model)


class _Named:
    def __init__(self, model: Any) -> None:
        self._model = model

    def __getattr__(self, name: str) -> Any:
        return getattr(self._model, name)

    def model_json_schema(self, **how: Any) -> dict[str, Any]:
        described: dict[str, Any] = self._model.model_json_schema(**{**how, "schema_generator": AppNames})
        return described


class Description(OpenAPISchema):
    def _extract_parameters(self, model: Any) -> list[dict[str, Any]]:
        return super()._extract_parameters(_named(model))

    def _create_schema_from_model(
        self, model: Any, by_alias: bool = True, remove_level: bool = True, mode: JsonSchemaMode = "validation"
    ) -> tuple[dict[str, Any], bool]:
        return super()._create_schema_from_model(_named(model), by_alias, remove_level, mode)

    def add_schema_definitions(self, definitions: dict[str, Any]) -> None:
        for name, part in definitions.items():
            if self.schemas.setdefault(name, part) != part:
                raise ValueError(f"two schemas are called {name} in the description of the API")


class DescribedApi(NinjaAPI):
    """An API whose description is a `Description`, made at first need: a second of processor that whoever asks cannot spend again."""

    def get_openapi_schema(
        self, *, path_prefix: str | None = None, path_params: dict[str, Any] | None = None
    ) -> OpenAPISchema:
        return _described(self, self.get_root_path(path_params or {}) if path_prefix is None else path_prefix)


@cache
def _described(api: DescribedApi, prefix: str) -> Description:
    return Description(api, prefix)
