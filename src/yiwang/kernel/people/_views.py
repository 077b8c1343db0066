"""Rows of this app as its contracts."""

from yiwang.kernel.people.contracts import (
    AbsenceView,
    AccountKind,
    AccountView,
    HoldingView,
    MandateKind,
    MandateView,
    PartyKind,
    PartyView,
    PostView,
)
from yiwang.kernel.people.models import Absence, Account, Mandate, Party, Post, PostHolding


def party_view(row: Party) -> PartyView:
    return PartyView(
        id=row.pk,
        kind=PartyKind(row.kind),
        name=row.name,
        id_type=row.id_type,
        id_number=row.id_number,
        phone=row.phone or "",
        subject_key=row.id_index,
    )


def account_view(row: Account) -> AccountView:
    name = row.party.name if row.party else row.name
    kind = AccountKind(row.kind)
    return AccountView(row.pk, row.username, kind, name, row.party_id, row.is_active)


def post_view(row: Post) -> PostView:
    return PostView(row.pk, row.org_id, row.post_type, row.title)


def holding_view(row: PostHolding) -> HoldingView:
    return HoldingView(row.pk, post_view(row.post), row.account_id, row.since, row.until, row.is_backup)


def mandate_view(row: Mandate) -> MandateView:
    return MandateView(
        id=row.pk,
        kind=MandateKind(row.kind),
        principal_id=row.principal_id,
        principal_name=row.principal.name,
        agent_id=row.agent_id,
        scope=tuple(row.scope),
        starts_on=row.starts_on,
        ends_on=row.ends_on,
        document_no=row.document_no,
        revoked_on=row.revoked_on,
    )


def absence_view(row: Absence) -> AbsenceView:
    return AbsenceView(row.pk, row.holding_id, row.starts_on, row.ends_on, row.reason)
