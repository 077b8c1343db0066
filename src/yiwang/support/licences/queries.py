"""Read licences: whose, which, how they stand, and what a stranger may know."""

from collections.abc import Collection, Iterable, Iterator
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone

from yiwang.kernel.access import queries as access
from yiwang.kernel.base.contracts import Actor
from yiwang.kernel.base.fields import sealed_index
from yiwang.kernel.base.paging import Page, keyset
from yiwang.kernel.ledger import queries as ledger
from yiwang.kernel.orgs import queries as orgs
from yiwang.kernel.packs import queries as packs
from yiwang.kernel.packs.contracts import Pack, Text
from yiwang.kernel.people.contracts import PartyView
from yiwang.support.licences import (
    _batch_rows,
    _copies,
    _credential_keys,
    _face,
    _lines,
    _policy,
    _proof_rows,
    _purpose_rows,
    _rows,
)
from yiwang.support.licences._registers import REGISTERS
from yiwang.support.licences._standing import ALIVE, STEPS
from yiwang.support.licences._verifying import normalised as normalised
from yiwang.support.licences._verifying import verify as verify
from yiwang.support.licences._verifying import verify_file as verify_file
from yiwang.support.licences.contracts import (
    BatchNotFound,
    BatchState,
    BatchView,
    Chain,
    Change,
    CopyView,
    EventView,
    LicenceFace,
    LicenceNotFound,
    LicenceView,
    LineProblem,
    ListedProof,
    MaskedLine,
    Medium,
    Operation,
    ProofSheet,
    RegisterFilter,
    Status,
)
from yiwang.support.licences.kinds import LICENCE_TYPE, FieldRule, LicenceTypePack, LicenceUsePolicy
from yiwang.support.licences.models import Batch, BatchLine, Licence, LicenceEvent, PurposeCopy
from yiwang.support.seals import queries as seals
from yiwang.support.seals.contracts import Format

SHOWN_MAX = 200


def get(licence_id: int, *, on: date | None = None) -> LicenceView:
    """One licence, without personal values. Raises LicenceNotFound."""
    return _rows.view(_row(licence_id), on=on or timezone.localdate())


def of_holder(subject_key: str, *, on: date | None = None) -> list[LicenceView]:
    """Everything that a subject holds or keeps, in force first, newest first."""
    day = on or timezone.localdate()
    rows = Licence.objects.filter(_rows.theirs(subject_key)).order_by("-id")[:SHOWN_MAX]
    return sorted((_rows.view(row, on=day) for row in rows), key=lambda view: not view.is_valid)


def find_by_number(type_id: str, number: str) -> LicenceView | None:
    """The licence of a type with this number; None when it is not ours, or when several issuers count for themselves."""
    rows = Licence.objects.filter(type_id=type_id, number=number)[:2]
    return _rows.view(rows[0], on=timezone.localdate()) if len(rows) == 1 else None


def of_case(case_number: str, *, on: date | None = None) -> list[LicenceView]:
    """What was issued in a case."""
    rows = Licence.objects.filter(case_number=case_number).order_by("id")
    return [_rows.view(row, on=on or timezone.localdate()) for row in rows] if case_number else []


def face(licence_id: int, *, subject_key: str | None = None, on: date | None = None) -> LicenceFace:
    """A licence with its personal values; with `subject_key` only if that subject holds or keeps it.

    Raises LicenceNotFound, for what is not theirs too: nobody learns that it exists.
    """
    row = _row(licence_id, Q() if subject_key is None else _rows.theirs(subject_key))
    body, issuer = _rows.type_of(row), orgs.get(row.issuer_id)
    built_in = {
        "holder": str(row.holder_name),
        "holder_id": str(row.holder_id_number),
        "number": row.number,
        "issuer": issuer.name,
        "issued_on": _face.day(row.issued_on),
        "validity": _face.period(row.valid_from, row.valid_to),
    }
    return LicenceFace(
        licence=_rows.view(row, on=on or timezone.localdate()),
        holder_name=str(row.holder_name),
        holder_id_number=str(row.holder_id_number),
        issuer_name=issuer.name,
        lines=_face.lines(body, body.face.lines, built_in, row.fields),
        statement=body.face.statement.in_language(_face.language()) if body.face.statement else "",
        shape=body.face.shape,
        fields=dict(row.fields),
    )


def history(licence_id: int) -> list[EventView]:
    """Every act in the life of a licence, newest first."""
    rows = LicenceEvent.objects.filter(licence_id=licence_id).order_by("-id")[:SHOWN_MAX]
    return [
        EventView(
            operation=Operation(row.operation),
            status=Status(row.status),
            version=row.version,
            grounds=str(row.grounds),
            effective_on=row.effective_on,
            at=row.at,
            org_id=row.org_id,
            leaf_id=row.leaf_id,
        )
        for row in rows
    ]


def masked_lines(licence_id: int) -> list[MaskedLine]:
    """The lines of a licence as a clerk first sees them. Raises LicenceNotFound."""
    row = _row(licence_id)
    return _face.masked_lines(_rows.type_of(row), row.fields)


def shown_number(view: LicenceView) -> str:
    """The number as lists show it: masked where the type says so."""
    pack = packs.find(LICENCE_TYPE, view.type_id)
    return _face.shown_number(pack.as_type(LicenceTypePack), view.number) if pack else view.number


def changes_of(view: LicenceView) -> tuple[Change, ...]:
    """What may be done to the standing of a licence as it is now."""
    return tuple(change for change, step in STEPS.items() if view.status in step.before)


def chain(view: LicenceView) -> Chain:
    """What a licence came out of and what took its place, where it passed to another holder."""
    rows = Licence.objects.filter(Q(before=view.id) | Q(pk__in=Licence.objects.filter(pk=view.id).values("before")))
    found = {row.before_id == view.id: _rows.view(row, on=timezone.localdate()) for row in rows}
    return Chain(before=found.get(False), after=found.get(True))


def type_of(view: LicenceView) -> LicenceTypePack:
    """The type as it is in force now: under it a licence is renewed, changed and passed on."""
    return packs.get(LICENCE_TYPE, view.type_id).as_type(LicenceTypePack)


def label_of(rule: FieldRule) -> str:
    """What a line of the face is called."""
    return _face.label(rule)


def issuer_names(views: Iterable[LicenceView]) -> dict[int, str]:
    """Names of the issuers, in one query."""
    return {org_id: org.name for org_id, org in orgs.named({view.issuer_org_id for view in views}).items()}


def paper_types() -> list[tuple[Pack, Text]]:
    """Types that stay paper, each with why and how it is got."""
    bodies = [(pack, pack.as_type(LicenceTypePack)) for pack in types()]
    return [(pack, body.paper_note) for pack, body in bodies if body.medium is Medium.PAPER and body.paper_note]


def holds(subject_key: str, type_id: str, *, on: date | None = None) -> bool:
    """Whether a subject holds a valid licence of a type, or the register behind the type vouches for it (免提交)."""
    return type_id in held(subject_key, [type_id], on=on)


def held(subject_key: str, type_ids: Collection[str], *, on: date | None = None) -> frozenset[str]:
    """Which of these types a subject holds."""
    day = on or timezone.localdate()
    rows = Licence.objects.filter(_rows.theirs(subject_key), _rows.in_force(day), type_id__in=type_ids)
    own = set(rows.values_list("type_id", flat=True))
    return frozenset(own | {name for name in set(type_ids) - own if _vouched(subject_key, name)})


def did_document(base: str) -> dict[str, Any]:
    """The place's keys for credentials, as verifiers ask for them; `base` is the site's address."""
    return _credential_keys.published(base)


def copy_asked(copy_id: int, by: Actor, *, on: date | None = None) -> CopyView:
    """A copy that the reader's unit asked for. Raises LicenceNotFound."""
    rows = access.visible(by, PurposeCopy.objects.filter(pk=copy_id), "licences.ask", field="org")
    copy = rows.select_related("licence").first()
    if copy is None:
        raise LicenceNotFound("没有这份加注件，或不属于您的单位。", hint="请核对后再试。")
    return _purpose_rows.view(copy, on=on or timezone.localdate())


def copies_asked(by: Actor, *, cursor: str | None = None, size: int = 20, on: date | None = None) -> Page[CopyView]:
    """Copies that the reader's units asked for, newest first."""
    rows = access.visible(by, PurposeCopy.objects.select_related("licence"), "licences.ask", field="org")
    page = keyset(rows, order=("-id",), cursor=cursor, size=size)
    return page.map(lambda copy: _purpose_rows.view(copy, on=on or timezone.localdate()))


def copies_of_holder(subject_key: str, *, on: date | None = None) -> list[CopyView]:
    """Who asked for copies of a subject's licences; what waits for an answer first, then newest first."""
    rows = PurposeCopy.objects.select_related("licence").filter(subject_key=subject_key).order_by("-id")[:SHOWN_MAX]
    views = [_purpose_rows.view(copy, on=on or timezone.localdate()) for copy in rows]
    return sorted(views, key=lambda view: not view.is_asked)


def batches(by: Actor, *, cursor: str | None = None, size: int = 20) -> Page[BatchView]:
    """Batches of the units where `by` may issue, newest first."""
    rows = access.visible(by, Batch.objects.all(), "licences.issue", field="org")
    return keyset(rows, order=("-id",), cursor=cursor, size=size).map(_batch_rows.view)


def batch(batch_id: int, by: Actor) -> BatchView:
    """One batch. Raises BatchNotFound when it is not there for `by`."""
    row = access.visible(by, Batch.objects.filter(pk=batch_id), "licences.issue", field="org").first()
    if row is None:
        raise BatchNotFound("没有这一批，或不属于您的单位。", hint="请核对后再试。")
    return _batch_rows.view(row)


def batches_running() -> list[int]:
    """Batches that are being issued, oldest first: whoever was killed left them here."""
    rows = Batch.objects.filter(state=BatchState.RUNNING.value).order_by("id")
    return list(rows.values_list("pk", flat=True)[:SHOWN_MAX])


def batch_problems(batch_id: int, *, after: int = 0, most: int = SHOWN_MAX) -> list[LineProblem]:
    """Lines that are left out, each with why, from a line on."""
    rows = BatchLine.objects.filter(batch=batch_id, line__gt=after).exclude(problem="").order_by("line")
    return [LineProblem(line, problem) for line, problem in rows.values_list("line", "problem")[:most]]


def batch_report(batch_id: int) -> Iterator[tuple[int, str | None, str | None, str]]:
    """Every line: number and identifier of what was issued, or why it was not; no name stands in it."""
    rows = BatchLine.objects.filter(batch=batch_id).order_by("line")
    yield from rows.values_list("line", "licence__number", "licence__identifier", "problem").iterator(chunk_size=2000)


def batch_columns(type_id: str) -> list[str]:
    """The header of a file for a batch of a type. Raises PackNotFound."""
    return list(_lines.columns(packs.get(LICENCE_TYPE, type_id)))


def proof_sheet(type_id: str, holder: PartyView, purpose: str, *, on: date | None = None) -> ProofSheet:
    """What a proof of the registries will say of a person, and why it cannot be opened. Raises CannotProve for what is no proof."""
    return _proof_rows.sheet(type_id, holder, purpose, on=on or timezone.localdate())


def listed_proofs() -> list[ListedProof]:
    """The place's list of proofs that people are asked for, with whether each is opened here."""
    return _proof_rows.listed()


def use_policy() -> LicenceUsePolicy:
    """How this place shares licences."""
    return _policy.policy()


def copy_formats(view: LicenceView) -> list[Format]:
    """In which formats a sealed copy can be had now."""
    if not view.is_valid or seals.usable(view.issuer_org_id, _copies.KIND_OF_SEAL) is None:
        return []
    return [Format.OFD, Format.PDF] if _copies.can_pdf() else [Format.OFD]


def proof_of(leaf_id: int) -> dict[str, Any] | None:
    """The ledger's proof of one act, opened: nothing personal stands in it. None until it has its number."""
    proof, opening = ledger.proof(leaf_id), ledger.content(leaf_id)
    if proof is None:
        return None
    return {**proof.as_json(), "opening": opening.as_json() if opening else None}


def register(
    by: Actor, wanted: RegisterFilter, *, cursor: str | None = None, size: int = 20, on: date | None = None
) -> Page[LicenceView]:
    """The register of the units where `by` may view licences, newest first; a constant number of queries."""
    rows = access.visible(by, Licence.objects.all(), "licences.view", field="issuer")
    day = on or timezone.localdate()
    page = keyset(_narrowed(rows, wanted, day), order=("-id",), cursor=cursor, size=size)
    return page.map(lambda row: _rows.view(row, on=day))


def registered(licence_id: int, by: Actor) -> LicenceView:
    """One licence of the register. Raises LicenceNotFound when it is not there for `by`."""
    rows = access.visible(by, Licence.objects.filter(pk=licence_id), "licences.view", field="issuer")
    row = rows.first()
    if row is None:
        raise LicenceNotFound("没有这份证照，或不属于您的单位。", hint="请核对后再试。")
    return _rows.view(row, on=timezone.localdate())


def issuing_kinds() -> frozenset[str]:
    """Kinds of organisations that issue some type of licence in electronic form."""
    bodies = [pack.as_type(LicenceTypePack) for pack in types()]
    return frozenset(body.issuer_kind for body in bodies if body.issuer_kind and body.medium is Medium.ELECTRONIC)


def electronic_types() -> list[Pack]:
    """Types of which there are licences here, not papers only."""
    return [pack for pack in types() if pack.as_type(LicenceTypePack).medium is Medium.ELECTRONIC]


def types() -> list[Pack]:
    """The types in force, by id."""
    return packs.all_of(LICENCE_TYPE)


def _row(licence_id: int, condition: Q | None = None) -> Licence:
    row = Licence.objects.filter(condition or Q(), pk=licence_id).first()
    if row is None:
        raise LicenceNotFound("没有这份证照。", hint="请核对后再试。")
    return row


def _vouched(subject_key: str, type_id: str) -> bool:
    pack = packs.find(LICENCE_TYPE, type_id)
    asks = REGISTERS.get(pack.as_type(LicenceTypePack).register_name) if pack else None
    return bool(asks and asks(subject_key))


def _narrowed(rows: QuerySet[Licence], wanted: RegisterFilter, on: date) -> QuerySet[Licence]:
    if wanted.type_id:
        rows = rows.filter(type_id=wanted.type_id)
    if wanted.status:
        rows = rows.filter(_stands(wanted.status, on))
    words = wanted.words.strip()
    if words:
        index = sealed_index(words)
        rows = rows.filter(
            Q(number=words)
            | Q(identifier=words.upper())
            | Q(verify_code=normalised(words))
            | Q(case_number=words)
            | Q(subject_key=index)
            | Q(holder_name_index=index)
        )
    return rows


def _stands(status: str, on: date) -> Q:
    """As `status_on` tells it: what has run out is 失效 from the next day on, written down or not."""
    over = Q(status__in=[each.value for each in ALIVE], valid_to__lt=on)
    return Q(status=status) | over if status == Status.LAPSED.value else Q(status=status) & ~over
