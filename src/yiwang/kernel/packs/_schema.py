"""What a kind's schema is built on: strict parts, the head that every pack has, an author's fault."""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from yiwang.kernel.packs._text import Text

ID_PATTERN = r"^[a-z0-9]+([.\-][a-z0-9]+)*$"
PackId = Annotated[str, StringConstraints(pattern=ID_PATTERN, max_length=120)]


class PackFault(ValueError):
    """Raised by a schema's own validator: what is wrong and what to do, both in the author's words.

    `where` leads from the part that is validated to the spot, where the part is large.
    """

    def __init__(self, what: str, remedy: str = "", where: tuple[str | int, ...] = ()) -> None:
        super().__init__(what)
        self.what = what
        self.remedy = remedy
        self.where = where


class PackPart(BaseModel):
    """A part of a pack: strict, frozen, no unknown keys. Schemas build on it."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class LegalBasis(PackPart):
    """A law or a document, and the article as its text numbers it (二十三)."""

    title: str
    article: str = ""
    document_no: str = ""
    url: str = ""


class PackModel(PackPart):
    """What every pack declares; a kind's schema adds its own fields.

    `overridable` names the fields (dotted for parts of a mapping) that an overlay in a lower place may change;
    `named_lists` the lists (dotted) that an overlay merges item by item, by this key of an item, not as a whole.
    `kind_title` and `field_names` are the Chinese names of the kind and of every field in it and its parts, as a file
    writes them (`from`, or `MaterialPart.from` where one name means two things): for editors, differences, manuals.
    `by_region` says that who works with the kind asks for a region's own text, so that places below the one that an
    installation serves may lay overlays too.
    """

    overridable: ClassVar[frozenset[str]] = frozenset()
    named_lists: ClassVar[Mapping[str, str]] = {}
    by_region: ClassVar[bool] = False
    kind_title: ClassVar[str] = ""
    field_names: ClassVar[Mapping[str, str]] = {}

    kind: str
    id: PackId
    version: Annotated[int, Field(ge=1, le=9999)] = 1
    title: Text
    note: str = ""
    legal_basis: tuple[LegalBasis, ...] = ()
    examples: tuple[Any, ...] = ()
