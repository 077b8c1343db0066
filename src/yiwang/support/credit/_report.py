"""The credit report as PDF, with the seal of the unit that keeps the credit system where there is one."""

from datetime import datetime

from django.http import HttpResponse
from django.template.loader import render_to_string
from django.utils import timezone, translation

from yiwang.kernel.base.contracts import SYSTEM
from yiwang.kernel.design import queries as design
from yiwang.kernel.orgs import queries as orgs
from yiwang.kernel.orgs.contracts import NobodyHandles, OrgView
from yiwang.support.credit import kinds
from yiwang.support.credit.contracts import SubjectView
from yiwang.support.seals import actions as sealing
from yiwang.support.seals import queries as seals
from yiwang.support.seals.contracts import StampPlace

THING = "credit-report"
STAMP = StampPlace(x_mm=160, y_mm=58)
_STYLE = """
@page { size: A4; margin: 28mm 24mm 30mm; @bottom-center { content: counter(page) " / " counter(pages); font-size: 9pt } }
body { font-family: "Noto Serif CJK SC", "SimSun", serif; font-size: 11pt; line-height: 1.6 }
h1 { text-align: center; font-size: 20pt } h2 { font-size: 13pt; margin-top: 8mm }
table { width: 100%; border-collapse: collapse } th, td { border: 0.3mm solid #555; padding: 1.5mm 2mm; text-align: left; vertical-align: top }
th { font-weight: normal; background: #f2f2f2 } .issued { margin-left: 90mm; text-align: center; height: 30mm }
.soft { color: #555; font-size: 9.5pt }
"""


def answer(subject: SubjectView, *, at: datetime) -> HttpResponse:
    """Raises NoPdf."""
    response = HttpResponse(made(subject, at=at), content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="credit-{subject.uscc}.pdf"'
    return response


def made(subject: SubjectView, *, at: datetime) -> bytes:
    """Raises NoPdf."""
    unit = _unit(subject)
    with translation.override("zh-hans"):
        facts = {"subject": subject, "unit": unit, "on": timezone.localdate(at), "at": at}
        plain = design.pdf(render_to_string("credit/report.html", facts), style=_STYLE)
    seal = seals.usable(unit.id, kinds.policy().seal, at=at) if unit else None
    if seal is None or not seals.can_seal_pdf():
        return plain
    return sealing.seal_pdf(
        seal_id=seal.id,
        data=plain,
        place=STAMP,
        thing=THING,
        subject=f"{THING}:{subject.uscc}",
        purpose="公共信用报告",
        by=SYSTEM,
        at=at,
    ).data


def _unit(subject: SubjectView) -> OrgView | None:
    try:
        return orgs.handling(kinds.policy().unit, subject.region_code)
    except NobodyHandles:
        return None
