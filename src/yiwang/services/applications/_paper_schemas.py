"""What is sent for a material, and what the pre-check says of a paper, as JSON."""

from typing import Annotated

from ninja import Schema
from pydantic import Field


class PaperGroundOut(Schema):
    sentence: str
    sentence_en: str
    answer: str
    missing: list[str]


class PaperCheckOut(Schema):
    """`answer`: met (in order), not-met (likely to be sent back; may be filed all the same) or unknown (a person looks)."""

    answer: str
    grounds: list[PaperGroundOut]


class MaterialBody(Schema):
    """A file handed in before, or the promise that stands for it (告知承诺): to say so is to have read its words.

    `said` is what was read off the paper, for the pre-check: issued_on, valid_until (days), holder_name.
    """

    file_id: Annotated[int, Field(ge=1, lt=2**62)] | None = None
    is_promised: bool = False
    said: Annotated[
        dict[Annotated[str, Field(max_length=20)], Annotated[str, Field(max_length=80)]], Field(max_length=5)
    ] = {}
