"""Grids and addresses as JSON: outlines for maps, the grid of a point, the finder of addresses."""

from datetime import date
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Schema
from pydantic import Field

from yiwang.data.places import queries
from yiwang.data.places.contracts import Precision
from yiwang.kernel.base.http import ApiRouter

router = ApiRouter(tags=["网格与地址"], audience="signed-in")

Lon = Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)]
Lat = Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False)]
Region = Annotated[str, Field(pattern=r"^\d{12}$")]


class GridOut(Schema):
    code: str
    name: str
    region_code: str
    lon: float
    lat: float
    since: date


class HereOut(Schema):
    """`grid` is null where no grid is drawn."""

    grid: GridOut | None


class FeaturesOut(Schema):
    """A GeoJSON FeatureCollection."""

    type: str
    features: list[dict[str, Any]]


class FoundOut(Schema):
    text: str
    precision: Precision
    lon: float | None
    lat: float | None
    region_code: str
    region_name: str
    grid_code: str
    grid_name: str


class FoundPage(Schema):
    items: list[FoundOut]


@router.get("/grids", response=FeaturesOut, url_name="place-grids", summary="网格轮廓（GeoJSON，示意图用）")
def grids(request: HttpRequest, region: Region) -> dict[str, Any]:
    """The grids of a region and all below it; at most five thousand."""
    return queries.features(region)


@router.get("/at", response=HereOut, url_name="place-at", summary="坐标所在网格")
def at(request: HttpRequest, lon: Lon, lat: Lat) -> dict[str, Any]:
    return {"grid": queries.grid_at(lon, lat)}


@router.get("/addresses", response=FoundPage, summary="地址查找")
def addresses(
    request: HttpRequest,
    q: Annotated[str, Field(min_length=1, max_length=200)],
    region: Annotated[str, Field(pattern=r"^(\d{12})?$")] = "",
    lon: Lon | None = None,
    lat: Lat | None = None,
    size: Annotated[int, Field(ge=1, le=20)] = 8,
) -> dict[str, Any]:
    """Candidates, the likeliest first; nearer ones first where a position is given."""
    near = (lon, lat) if lon is not None and lat is not None else None
    return {"items": queries.find(q, region=region, near=near, size=size)}
