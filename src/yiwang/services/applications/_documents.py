"""Official documents: chosen by event and matter type, numbered per body and year, filled and kept."""

from dataclasses import dataclass
from datetime import datetime

from yiwang.kernel.base.contracts import Actor
from yiwang.kernel.base.numbering import next_number
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
    """What only the moment of issuing knows: grounds, lists, deadlines."""

    grounds: str = ""
    problems: str = ""
    gaps: str = ""
    deadline: str = ""
    result: str = ""


def issue(case: CaseView, event: str, said: Said, *, by: Actor, at: datetime) -> DocumentView | None:
    """Issue the document of `event` for a case, if the packs have one for its type of matter."""
    basics = Basics.from_data(cases.data(case.id))
    matter_type = _matter_type(basics)
    pack = _template(event, matter_type)
    if pack is None:
        return None
    template = pack.as_type(DocumentTemplate)
    org = orgs.get(case.org_id)
    facts = _facts(case, org, said, at=at)
    row = Document.objects.create(
        case_id=case.id,
        org_id=org.id,
        event=event,
        title=str(pack.title),
        document_no=_number(org, template.word, at),
        template=pack.reference,
        template_hash=pack.hash,
        body={
            "addressee": facts["applicant"],
            "paragraphs": [fill(paragraph, facts) for paragraph in template.paragraphs[1:]],
            "remedies": fill(str(template.remedies), facts) if template.remedies else "",
        },
        issued_at=at,
        issued_by=by.account_id,
    )
    ledger.append(
        kind="document.issued",
        subject=f"document:{row.document_no}",
        content={"title": row.title, "case": case.number, **row.body},
        by=by,
        at=at,
    )
    return view(row, org)


def view(row: Document, org: OrgView) -> DocumentView:
    return DocumentView(
        id=row.pk,
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


def _number(org: OrgView, word: str, at: datetime) -> str:
    """机关代字 + 类别字 + 〔年〕 + 第 n 号, gapless per body, word and legal year."""
    year = at.astimezone(LEGAL_TIME).year
    serial = next_number(f"document:{org.id}:{word}:{year}")
    return f"{org.doc_mark}{word}〔{year}〕第{serial}号"


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
    }


def day(moment: datetime) -> str:
    """2026年11月23日, in legal time."""
    local = moment.astimezone(LEGAL_TIME)
    return f"{local.year}年{local.month}月{local.day}日"
