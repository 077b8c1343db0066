"""Following a running birth: one page for all parts, what outside systems are sent, what a new release leaves alone."""

from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.families import Family, child
from tests.unit.services.journeys.births import (
    CHILD_ID,
    accepted,
    answers_of,
    certify,
    filed,
    member,
    reported,
    uploaded,
)
from tests.world import AT
from yiwang.kernel.cases.contracts import CaseView
from yiwang.kernel.cases.models import OutsideCall
from yiwang.services.journeys import queries
from yiwang.services.journeys.contracts import Progress


def follow(case: CaseView) -> Progress:
    return queries.progress(case.id, at=AT)


def test_one_page_follows_all_parts(family: Family) -> None:
    case = filed(family)
    before = follow(case)
    assert [row.status for row in before.rows] == ["waiting"] * 5
    assert before.promised_days == 5
    assert "综窗受理员" in before.waits_for
    accepted(family, case)
    certify(family, case)
    rows = {row.slot: row for row in follow(case).rows}
    assert (rows["certificate"].status, rows["certificate"].is_good) == ("done", True)
    assert rows["registration"].unit == family.world.org("police-household").name
    assert "业务系统" in rows["registration"].waits_for
    assert rows["card"].waits_after == ("出生登记",)
    assert (rows["vaccination"].post, rows["vaccination"].lamp) == ("综窗受理员", "green")


def test_following_costs_the_same_however_many_parts_there_are(family: Family) -> None:
    one = accepted(family, filed(family))
    twins = [child("林小满"), child("林小寒", "1", "2026-11-20T08:41"), child("林小雪", "2", "2026-11-20T08:50")]
    many = accepted(family, filed(family, once="k2", children=twins))
    counts = []
    for case in (one, many):
        with CaptureQueriesContext(connection) as captured:
            follow(case)
        counts.append(len(captured))
    assert counts[0] == counts[1] <= 20


def test_a_new_release_changes_nothing_that_runs(family: Family) -> None:
    from yiwang.kernel.packs import queries as packs
    from yiwang.kernel.packs.contracts import PackSet

    case = accepted(family, filed(family))
    shipped = packs.current()
    gone = ("Journey", "Matter", "Form")
    newer = PackSet([pack for pack in shipped if pack.kind not in gone], place=shipped.place)
    with packs.using(newer):
        certify(family, case)
        assert answers_of(member(case, "registration"))["birth_certificate_no"]
        assert len(follow(case).rows) == 5


def test_the_disclosures_name_the_purpose(family: Family) -> None:
    from yiwang.kernel.audit import queries as audit

    filed(family)
    uses = audit.disclosures_of(family.world.father.subject_key, None).items
    assert uses
    assert {use.purpose for use in uses} <= {"办理新生儿出生一件事", "核验申请材料"}


def test_late_births_are_filed_as_any_other(family: Family) -> None:
    case = filed(family, children=[child(born_at="2026-01-05T23:10")])
    assert len(follow(case).rows) == 5


def test_what_outside_systems_need_is_there(family: Family) -> None:
    """Each push has every field that the system's pack requires, without anybody typing it again."""
    from yiwang.kernel.cases._outside import _request
    from yiwang.support.connectors import queries as connectors
    from yiwang.support.connectors._cases import _data, subject_at
    from yiwang.support.connectors._mapping import to_fields

    account = {"account_bank": "工商银行", "account_no": "6222021234567890128", "account_name": "陈晓岚"}
    papers = uploaded(family, "medical-invoices", "expense-list", "diagnosis")
    case = accepted(family, filed(family, wants_benefit=True, materials=papers, **account))
    sent: dict[str, dict[str, Any]] = {}

    def push(slot: str) -> None:
        task = member(case, slot).steps_open[0]
        request = _request(OutsideCall.objects.get(task=task.id))
        spec = connectors.system(request.system)
        sent[task.step] = to_fields(connectors.subject_of(spec, subject_at(spec, request.step)), _data(request))

    certify(family, case)
    push("registration")
    reported(case, "registration", "granted", child_id_number=CHILD_ID)
    push("card")
    push("insurance")
    reported(case, "insurance", "granted", insured_no="YB0000000001", enrolled_on="2026-11-24")
    push("insurance")
    reported(case, "insurance", "paid")
    push("benefit")
    assert sent.keys() == {"household", "making", "enrolment", "premium", "benefit"}
    assert (sent["household"]["follows"], sent["household"]["sex"]) == ("mother", "2")
    assert sent["premium"]["insured_no"] == "YB0000000001"
    assert sent["benefit"]["id_number"] == family.world.mother.id_number
