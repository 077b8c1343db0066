"""Promises in place of papers (告知承诺) as other apps see them, and what may go wrong with one. No Django."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from yiwang.kernel.base.contracts import Conflict, NotFound
from yiwang.kernel.workdays.contracts import Limit


class CannotPromise(Conflict):
    """A promise may not stand for this material, or not for this applicant."""

    code = "applications.cannot-promise"


class NothingPromised(NotFound):
    code = "applications.nothing-promised"


class CannotCheckPromise(Conflict):
    """The check of a promise is not where this can be said of it."""

    code = "applications.cannot-check-promise"


class Found(StrEnum):
    """What the check of a promise found."""

    KEPT = "kept"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class PromiseTerms:
    """告知书 and 承诺书 as they read before somebody promises."""

    notice_title: str
    notice: tuple[str, ...]
    promise_title: str
    promise: tuple[str, ...]
    check_within: Limit


@dataclass(frozen=True, slots=True)
class PromiseView:
    """A promise in place of a paper (告知承诺), its documents and its check. `found_words` may name the applicant."""

    id: int
    case_id: int
    case_number: str
    key: str
    name: str
    proves: str
    proof_basis: str
    promised_at: datetime
    check_within: str
    notice_id: int | None
    notice_no: str
    promise_id: int | None
    promise_no: str
    check_number: str
    due_at: datetime | None
    lamp: str
    found: Found | None
    found_at: datetime | None
    found_words: str
    barred_until: date | None


@dataclass(frozen=True, slots=True)
class PromiseOffer:
    """Whom a filing at a place would offer to promise in place of a paper, and when."""

    party_id: int
    region_code: str
    at: datetime
