"""A ticket as a row of a list."""

from dataclasses import dataclass
from datetime import datetime

from yiwang.services.hotline.contracts import KIND_NAMES, URGENCY_NAMES, TicketKind, Urgency


@dataclass(frozen=True, slots=True)
class TicketRow:
    """One ticket in a list: what it is about, with whom, by when; neither its words nor who called."""

    number: str
    title: str
    kind: TicketKind
    category: str
    category_name: str
    urgency: Urgency
    caller_masked: str
    region_code: str
    lead_org_id: int | None
    received_at: datetime
    due_at: datetime | None
    is_open: bool

    @property
    def kind_name(self) -> str:
        return KIND_NAMES[self.kind]

    @property
    def urgency_name(self) -> str:
        return URGENCY_NAMES[self.urgency]
