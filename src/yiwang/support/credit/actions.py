"""Everything that credit does: take records in, check subjects, hear objections and requests for repair."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from yiwang.kernel.base.contracts import Actor
from yiwang.kernel.cases.contracts import CaseView
from yiwang.support.credit import _checking, _lake, _requests, _taking
from yiwang.support.credit.contracts import CheckView, NewRecord, TakenReport


@transaction.atomic
def take_records(*, source: str, records: Sequence[NewRecord], by: Actor, at: datetime) -> TakenReport:
    """Records of a source, each once by its number; the same again changes nothing, faulty ones are told one by one.

    Raises NotPermitted, BadRecords.
    """
    return _taking.take(source, records, by, at=at)


@transaction.atomic
def take_table(*, table: str, by: Actor, at: datetime) -> TakenReport:
    """As `take_records` from the newest snapshot of a lake table; in workers and on the command line only.

    Raises NoSuchTable, NotPermitted.
    """
    return _lake.take(table, by, at=at)


@transaction.atomic
def check_many(*, usccs: Sequence[str], purpose: str, by: Actor, at: datetime) -> list[CheckView]:
    """Grade, lists and measures of up to a thousand subjects; they see who checked and what for.

    Raises NotPermitted, BadCheck.
    """
    return _checking.check(usccs, purpose, by, at=at)


@transaction.atomic
def object_to(*, record_id: int, words: str, by: Actor, at: datetime) -> CaseView:
    """The firm says that a record is wrong: a case of the authority that made it. Raises NotAFirm, NoSuchRecord, AlreadyAsked."""
    return _requests.object_to(record_id, words, by, at=at)


@transaction.atomic
def ask_repair(*, record_id: int, words: str, has_promised: bool, by: Actor, at: datetime) -> CaseView:
    """The firm asks that a record be public no more. Raises NotAFirm, NoSuchRecord, AlreadyAsked, CannotRepair."""
    return _requests.ask_repair(record_id, words, has_promised, by, at=at)
