"""The picture of a matter's flow on its guide page."""

from django.utils.safestring import mark_safe

from yiwang.kernel.cases import queries as cases
from yiwang.kernel.packs import queries as packs


def of(flow_id: str) -> str:
    """The flow drawn as SVG; empty for an item whose list names no flow."""
    pack = packs.find("Flow", flow_id) if flow_id else None
    return mark_safe(cases.flow_picture(flow=flow_id)) if pack else ""  # noqa: S308 — drawn by the engine from a checked pack
