"""A firm in the register, its agent, and records that a health authority delivers."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from stdnum.cn import uscc

from tests.standing import standing
from tests.world import AT, CITY, DISTRICT, MADE_AT, OPENED_ON, World
from yiwang.data.registries import actions as registries
from yiwang.data.registries.contracts import LegalPersonRecord
from yiwang.kernel.base.contracts import SYSTEM, Actor
from yiwang.kernel.orgs import actions as orgs
from yiwang.kernel.orgs.contracts import NewOrganisation, OrgView
from yiwang.kernel.people import actions as people
from yiwang.kernel.people import queries as people_queries
from yiwang.support.credit import actions
from yiwang.support.credit.contracts import NewRecord, RecordKind, Severity, TakenReport

SOURCE = "health.penalties"


@standing
def agent(world: World) -> Actor:
    """The mother, acting for the world's firm."""
    firm = LegalPersonRecord(
        uscc=world.firm.id_number, name=world.firm.name, kind="有限责任公司", legal_representative="林知夏",
        representative_key=world.mother.subject_key, region_code=DISTRICT, address="江畔路1号", industry="餐饮",
        established_on=date(2019, 5, 1), capital_fen=100_000_00,
    )  # fmt: skip
    registries.load(firms=[firm], by=SYSTEM, at=AT)
    return world.actor("mother", world.mandate(world.firm, "mother"))


@standing
def officer(world: World) -> Actor:
    """The credit officer of the district's health bureau, by the machine's account."""
    account = world.account("machine")
    people.appoint(
        account_id=account.id, org_id=world.org("health").id, post_type="credit-officer", title="信用管理员",
        since=MADE_AT.date(), by=SYSTEM, at=MADE_AT,
    )  # fmt: skip
    return people_queries.actor_of(account.id, at=AT)


@pytest.fixture
def penalty(world: World) -> NewRecord:
    """Of the spring of 2026, under the new rules."""
    return NewRecord(
        number="1", kind=RecordKind.PENALTY, uscc=world.firm.id_number, title="公共场所卫生不合格",
        decided_on=date(2026, 6, 1), authority=world.org("health").name, authority_uscc=world.org("health").uscc,
        document_no="临卫罚〔2026〕7号", severity=Severity.GENERAL, content="责令改正，罚款2000元",
    )  # fmt: skip


@pytest.fixture
def deliver(officer: Actor, penalty: NewRecord) -> Any:
    """`deliver(dict(number="2", severity=…), …)`: penalties with changes; nothing is the penalty itself."""

    def delivered(*changes: dict[str, Any], by: Actor = officer, at: Any = AT) -> TakenReport:
        records = [replace(penalty, **each) for each in changes] or [penalty]
        return actions.take_records(source=SOURCE, records=records, by=by, at=at)

    return delivered


@pytest.fixture
def keeper(world: World) -> OrgView:
    """The city's data bureau, which keeps the credit system."""
    body = "11990100MB0009001"
    new = NewOrganisation(
        uscc=body + uscc.calc_check_digit(body), name="安澜市大数据局", kind="data-bureau", region_code=CITY, opened_on=OPENED_ON,
    )  # fmt: skip
    return orgs.create_organisation(organisation=new, by=SYSTEM, at=MADE_AT)
