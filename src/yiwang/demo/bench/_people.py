"""Offices, staff and applicants to fill the tables with and to look at them: all made by the public actions."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.contrib.auth.hashers import make_password
from stdnum.cn import uscc

from yiwang.kernel.base.codes import id_check_digit
from yiwang.kernel.base.contracts import SYSTEM, Actor
from yiwang.kernel.orgs import actions as orgs
from yiwang.kernel.orgs import queries as orgs_read
from yiwang.kernel.orgs.contracts import NewOrganisation, NewRegion, OrgView
from yiwang.kernel.people import actions as people
from yiwang.kernel.people import queries as people_read
from yiwang.kernel.people.contracts import AccountKind, AccountView, IdType, NewPost, NewStaff, PartyKind

REGION = "990902000000"
REGIONS = (
    NewRegion("990000000000", "澄海省"),
    NewRegion("990900000000", "测速市"),
    NewRegion(REGION, "测速区"),
)
OFFICES, BUSY, SMALL = 600, 40, 3
"""How many offices there are, in how many of them one person has posts, and how many rows the smallest has."""
APPLICANTS, DESKS = 200, 4
RESIDENTS = 24
"""Accounts that file: nobody may file more than two hundred times an hour."""
PASSWORD = "bench-5-meters-a-second"  # noqa: S105  a throw-away installation
_OPENED = date(2019, 1, 1)
COUNTER, DESK = "service-counter", "bench-desk"
"""Kinds of office: those with a desk handle the matter that lives are lived through."""


@dataclass(frozen=True, slots=True)
class Desk:
    """Who handles cases of one office, and who applies."""

    org_id: int
    region_code: str
    applicant: Actor
    clerk: Actor
    reviewer: Actor
    approver: Actor


@dataclass(frozen=True, slots=True)
class People:
    """`offices[0]` is the small one; accounts are named by what they see, `desks` by office."""

    offices: tuple[OrgView, ...]
    applicants: tuple[int, ...]
    residents: tuple[str, ...]
    desk: Desk

    @property
    def busy(self) -> tuple[OrgView, ...]:
        return self.offices[1 : BUSY + 1]


def make(at: datetime) -> People:
    """Make everybody once."""
    # Appointed yesterday, so that a legal day that begins in between changes nothing.
    at -= timedelta(days=1)
    known = orgs_read.regions([region.code for region in REGIONS])
    orgs.create_regions(regions=[one for one in REGIONS if one.code not in known], by=SYSTEM, at=at)
    city, *offices = orgs.create_many(organisations=_organisations(), by=SYSTEM, at=at)
    staff = {
        account.username: account for account in people.create_staff(staff=_staff(city, offices), by=SYSTEM, at=at)
    }
    applicants = [applicant(n, at) for n in range(APPLICANTS)]
    residents = [resident(n, party, at) for n, party in enumerate(applicants[:RESIDENTS])]
    desk = Desk(
        org_id=offices[1].id,
        region_code=REGION,
        applicant=people_read.actor_of(residents[0].id),
        clerk=_actor(staff["bench.clerk.1"]),
        reviewer=_actor(staff["bench.reviewer.1"]),
        approver=_actor(staff["bench.approver"]),
    )
    return People(tuple(offices), tuple(applicants), tuple(one.username for one in residents), desk)


def _actor(account: AccountView) -> Actor:
    return people_read.actor_of(account.id)


def _organisations() -> list[NewOrganisation]:
    top = uscc_of(0)
    named: list[tuple[str, str, str, str | None]] = [("测速市人民政府", "government", REGIONS[1].code, None)]
    named += [(f"测速区第{n}服务所", DESK if 0 < n <= DESKS else COUNTER, REGION, top) for n in range(OFFICES)]
    return [
        NewOrganisation(
            uscc=uscc_of(serial),
            name=name,
            short_name=name,
            doc_mark=f"测{serial}",
            kind=kind,
            region_code=region,
            parent_uscc=parent,
            opened_on=_OPENED,
            is_demo=True,
        )
        for serial, (name, kind, region, parent) in enumerate(named)
    ]


def _staff(city: OrgView, offices: Sequence[OrgView]) -> list[NewStaff]:
    password = make_password(PASSWORD)
    busy = offices[1 : BUSY + 1]
    posts = {
        "bench.leader": [NewPost(city.id, "leader", "分管领导")],
        "bench.few": [NewPost(offices[0].id, "window-clerk", "受理员")],
        "bench.forty": [NewPost(one.id, kind, "轮岗") for one in busy for kind in ("window-clerk", "reviewer")],
        "bench.approver": [NewPost(one.id, "approver", "首席代表") for one in busy],
    }
    for n, office in enumerate(busy[:DESKS], start=1):
        posts[f"bench.clerk.{n}"] = [NewPost(office.id, "window-clerk", "受理员")]
        posts[f"bench.reviewer.{n}"] = [NewPost(office.id, "reviewer", "审查员")]
    return [NewStaff(name, "测速员", tuple(held), password) for name, held in posts.items()]


def applicant(n: int, at: datetime) -> int:
    """A made-up person; returns the party."""
    body = f"99090219800101{n:03d}"
    party = people.ensure_party(
        kind=PartyKind.PERSON,
        name=f"测速{chr(0x4E00 + n)}",
        id_type=IdType.CITIZEN_ID,
        id_number=body + id_check_digit(body),
        by=SYSTEM,
        at=at,
    )
    return party.id


def resident(n: int, party_id: int, at: datetime) -> AccountView:
    """That person's account."""
    username = f"bench.resident.{n + 1}"
    return people.create_account(
        kind=AccountKind.RESIDENT, username=username, party_id=party_id, password=PASSWORD, by=SYSTEM, at=at
    )


def uscc_of(serial: int) -> str:
    body = f"11990902{serial:09d}"
    return body + uscc.calc_check_digit(body)


def firm_code(serial: int) -> str:
    """A right code of a made-up firm."""
    body = f"91990902{serial:09d}"
    return body + uscc.calc_check_digit(body)
