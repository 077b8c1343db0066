"""Official documents: chosen by event and matter type, numbered per body and year, filled and kept."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from yiwang.kernel.base import rows
from yiwang.kernel.base.contracts import Actor
from yiwang.kernel.base.numbering import drawing
from yiwang.kernel.cases import queries as cases
from yiwang.kernel.cases.contracts import CaseView
from yiwang.kernel.ledger import actions as ledger
from yiwang.kernel.orgs import queries as orgs
from yiwang.kernel.orgs.contracts import OrgView
from yiwang.kernel.packs import queries as packs
from yiwang.kernel.packs.contracts import Pack
from yiwang.kernel.people import queries as people
from yiwang.kernel.workdays.contracts import LEGAL_TIME
from yiwang.services.applications.contracts import Basics, DocumentView
from yiwang.services.applications.kinds import DOCUMENT, DocumentTemplate, fill
from yiwang.services.applications.models import Document
from yiwang.services.matters import queries as matters


@dataclass(frozen=True, slots=True)
class Said:
    """What only the moment of issuing knows: grounds, lists, deadlines; `more` for what one event alone speaks of."""

    grounds: str = ""
    problems: str = ""
    gaps: str = ""
    deadline: str = ""
    result: str = ""
    more: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Draft:
    """A document as it will read; it has everything but its number."""

    event: str
    title: str
    word: str
    template: str
    template_hash: str
    org: OrgView
    body: Mapping[str, Any]

    def stored(self) -> dict[str, Any]:
        """As JSON, to be issued later in the very words that somebody read."""
        kept = {name: getattr(self, name) for name in ("event", "title", "word", "template", "template_hash")}
        return {**kept, "org_id": self.org.id, "body": dict(self.body)}


@dataclass(frozen=True, slots=True)
class Notice:
    """A document to be issued: its event, and what only the moment knows; or one whose words stand already."""

    event: str
    said: Said = Said()
    made: Draft | None = None
    promise_id: int | None = None


def restored(stored: Mapping[str, Any]) -> Draft:
    """What `Draft.stored` kept."""
    kept = {name: value for name, value in stored.items() if name != "org_id"}
    return Draft(**kept, org=orgs.get(stored["org_id"]))


def draft(case: CaseView, notice: Notice, *, at: datetime) -> Draft | None:
    """The document of a notice, if the packs have one for the case's type of matter. Reads only."""
    if notice.made is not None:
        return notice.made
    foresee(case)
    matter_type = _matter_type(Basics.from_data(cases.data(case.id)))
    org = orgs.get(case.org_id)
    return worded(notice.event, matter_type, org, _facts(case, org, notice.said, at=at))


def foresee(case: CaseView) -> None:
    """Have those whom a document of the case names come with the next question."""
    orgs.foresee(case.org_id)
    if case.applicant_id is not None:
        people.foresee(case.applicant_id)


def worded(event: str, matter_type: str, org: OrgView, facts: Mapping[str, str]) -> Draft | None:
    """The document of an event in the words of its template, if the packs have one for the type of matter."""
    pack = _template(event, matter_type)
    if pack is None:
        return None
    template = pack.as_type(DocumentTemplate)
    parties = {"addressee": facts["applicant"], "signed_by": org.name}
    if template.signed_by == "applicant":
        parties = {"addressee": org.name, "signed_by": facts["applicant"]}
    body = {
        **parties,
        "paragraphs": [fill(paragraph, facts) for paragraph in template.paragraphs[1:]],
        "remedies": fill(str(template.remedies), facts) if template.remedies else "",
    }
    return Draft(event, str(pack.title), template.word, pack.reference, pack.hash, org, body)


def issue(case: CaseView, notice: Notice, *, by: Actor, at: datetime) -> DocumentView | None:
    """Issue the document of a notice with the next number of its series, if the packs have one."""
    made = draft(case, notice, at=at)
    if made is None:
        return None
    row = _row(case, made, at=at)
    (((serial,),), ((row.pk,),)) = rows.ask(_series(made.org, made.word, at), rows.key(Document))
    row.document_no, row.issued_by = _numbered(made.org, made.word, at, str(serial)), by.account_id
    rows.insert(row)
    ledger.add(
        kind="document.issued",
        subject=f"document:{row.document_no}",
        content={"title": row.title, "case": case.number, **row.body},
        by=by,
        at=at,
    )
    return view(row, made.org)


def preview(case: CaseView, notice: Notice, *, at: datetime) -> DocumentView | None:
    """The same document with the place of its number left open; nothing is written and no number drawn."""
    made = draft(case, notice, at=at)
    if made is None:
        return None
    row = _row(case, made, at=at)
    row.document_no = _numbered(made.org, made.word, at, " —— ")
    return view(row, made.org)


def _row(case: CaseView, made: Draft, *, at: datetime) -> Document:
    return rows.new(
        Document,
        case_id=case.id,
        org_id=made.org.id,
        event=made.event,
        title=made.title,
        template=made.template,
        template_hash=made.template_hash,
        body=dict(made.body),
        issued_at=at,
    )


def view(row: Document, org: OrgView) -> DocumentView:
    return DocumentView(
        id=row.pk or 0,
        case_id=row.case_id,
        event=row.event,
        title=row.title,
        document_no=row.document_no,
        org_id=org.id,
        org_name=org.name,
        issued_at=row.issued_at,
        addressee=row.body["addressee"],
        paragraphs=tuple(row.body["paragraphs"]),
        remedies=row.body["remedies"],
        signed_by=row.body.get("signed_by", org.name),
    )


def _matter_type(basics: Basics) -> str:
    if basics.implementation_id is None or basics.on is None:
        return ""
    return matters.get(basics.implementation_id, on=basics.on).type.value


def _template(event: str, matter_type: str) -> Pack | None:
    """The template that names the type wins over the one for all types."""
    found = None
    for pack in packs.all_of(DOCUMENT):
        template = pack.as_type(DocumentTemplate)
        if template.event != event or (template.types and matter_type not in template.types):
            continue
        if template.types or found is None:
            found = pack
    return found


def _series(org: OrgView, word: str, at: datetime) -> rows.Statement:
    """What draws the next number, gapless per body, word and legal year."""
    return drawing(f"document:{org.id}:{word}:{at.astimezone(LEGAL_TIME).year}")


def _numbered(org: OrgView, word: str, at: datetime, serial: str) -> str:
    """机关代字 + 类别字 + 〔年〕 + 第 n 号."""
    return f"{org.doc_mark}{word}〔{at.astimezone(LEGAL_TIME).year}〕第{serial}号"


def _facts(case: CaseView, org: OrgView, said: Said, *, at: datetime) -> dict[str, str]:
    party = people.party(case.applicant_id) if case.applicant_id else None
    limits = {clock.name: clock for clock in case.clocks if clock.task_id is None}
    promised, statutory = limits.get("promised"), limits.get("statutory")
    due_at = next((c.due_at for c in (promised, statutory) if c and c.due_at), None)
    return {
        "applicant": party.name if party else "",
        "matter": case.title,
        "number": case.number,
        "org": org.name,
        "filed_on": day(case.opened_at),
        "accepted_on": day(case.accepted_at or at),
        "due_on": day(due_at) if due_at else "",
        "day": day(at),
        "promised": str(promised.limit) if promised else "",
        "statutory": str(statutory.limit) if statutory else "",
        "phone": org.phone,
        "supervision_phone": org.supervision_phone,
        "grounds": said.grounds,
        "problems": said.problems,
        "gaps": said.gaps,
        "deadline": said.deadline,
        "result": said.result,
        **said.more,
    }


def day(moment: date) -> str:
    """2026年11月23日, in legal time."""
    local = moment.astimezone(LEGAL_TIME) if isinstance(moment, datetime) else moment
    return f"{local.year}年{local.month}月{local.day}日"
