"""Pack kind Portal (门户): whose portal this is and what stands on every page."""

from typing import ClassVar

from yiwang.kernel.packs.contracts import PackModel, Text

PORTAL = "Portal"


class PortalPack(PackModel):
    """The portal of a place; `title` is its name."""

    kind_title: ClassVar[str] = "门户"
    field_names: ClassVar = {
        "subtitle": "副题", "organiser": "主办单位", "operator": "承办单位", "telephone": "电话",
        "telephone_note": "电话说明", "notes": "页脚说明", "demo": "演示站",
    }  # fmt: skip

    overridable: ClassVar[frozenset[str]] = frozenset(
        {"title", "subtitle", "organiser", "operator", "telephone", "telephone_note", "notes", "demo"}
    )

    subtitle: Text | None = None
    organiser: Text | None = None
    operator: Text | None = None
    telephone: str = "12345"
    telephone_note: Text | None = None
    notes: tuple[Text, ...] = ()
    demo: bool = False
