"""告知承诺 as JSON: the terms to be read, a promise as it stands, what its check found."""

from datetime import date, datetime
from typing import Annotated, Any

from ninja import Schema
from pydantic import Field


class TermsOut(Schema):
    """告知承诺: what is to be read before `is_promised` may be sent for a material."""

    notice_title: str
    notice: list[str]
    promise_title: str
    promise: list[str]
    check_within: str

    @staticmethod
    def resolve_check_within(terms: Any) -> str:
        return str(terms.check_within)


class PromiseOut(Schema):
    """告知承诺: what was promised, its documents, and the case that checks it; `found` is empty, kept or broken."""

    proves: str
    promised_at: datetime
    notice_id: int | None
    promise_id: int | None
    check_number: str
    due_at: datetime | None
    found: str
    barred_until: date | None

    @staticmethod
    def resolve_found(promise: Any) -> str:
        return promise.found.value if promise.found else ""


class FindingBody(Schema):
    """What the check of a promise found; the applicant reads the words."""

    is_kept: bool
    words: Annotated[str, Field(min_length=1, max_length=500)]
