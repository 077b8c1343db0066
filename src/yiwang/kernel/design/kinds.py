"""Pack kind Portal (门户): whose portal this is and what stands on every page."""

from typing import ClassVar

from yiwang.kernel.packs.contracts import PackModel, Text

PORTAL = "Portal"


class PortalPack(PackModel):
    """The portal of a place; `title` is its name."""

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
