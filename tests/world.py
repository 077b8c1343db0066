"""One small named world for all tests: a city, two districts, their offices and clerks, and two parents.

def test_something(world):
    health = world.org("health")                 # 临江区卫生健康局
    clerk = world.actor("health.clerk")          # an Actor with the post of 综窗受理员 there
    mother = world.mother                        # a PartyView; world.actor("mother") acts

def test_page(world, client_as):
    client_as("health.clerk").get("/desk/")      # a Django test client that is signed in
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import make_password
from django.test import Client
from django.utils import timezone
from stdnum.cn import uscc

from tests.standing import standing
from yiwang.kernel.base.codes import id_check_digit
from yiwang.kernel.base.contracts import SYSTEM, Actor
from yiwang.kernel.orgs import actions as orgs
from yiwang.kernel.orgs.contracts import NewOrganisation, NewRegion, OrgView
from yiwang.kernel.packs import queries as packs
from yiwang.kernel.packs.contracts import PackSet
from yiwang.kernel.people import actions as people
from yiwang.kernel.people import queries as people_queries
from yiwang.kernel.people.contracts import (
    AccountKind,
    AccountView,
    IdType,
    MandateKind,
    MandateView,
    NewPost,
    NewStaff,
    PartyKind,
    PartyView,
)
from yiwang.support.login.sessions import OPENED_AT, SEEN_AT

SHANGHAI = ZoneInfo("Asia/Shanghai")
AT = datetime(2026, 11, 23, 10, 0, tzinfo=SHANGHAI)  # a Monday, a work day
# Long ago, so that posts and mandates count both at AT and at the hour of the test run.
MADE_AT = datetime(2019, 1, 2, 9, 0, tzinfo=SHANGHAI)
OPENED_ON = date(2019, 1, 1)
PASSWORD = "correct-horse-9"

PROVINCE, CITY = "990000000000", "990100000000"
DISTRICT, TOWN, VILLAGE = "990102000000", "990102001000", "990102001001"
OTHER_DISTRICT = "990103000000"
REGIONS = (
    NewRegion(PROVINCE, "澄海省"),
    NewRegion(CITY, "安澜市"),
    NewRegion(DISTRICT, "临江区"),
    NewRegion(OTHER_DISTRICT, "望湖区"),
    NewRegion(TOWN, "江畔街道"),
    NewRegion(VILLAGE, "柳岸社区"),
)

# key: (name, short name, 机关代字, kind, region, key of the parent)
OFFICES = {
    "city": ("安澜市人民政府", "市政府", "安政", "government", CITY, None),
    "supervision": ("安澜市效能监督中心", "市效能中心", "安效", "supervision", CITY, "city"),
    "district": ("临江区人民政府", "区政府", "临政", "government", DISTRICT, "city"),
    "health": ("临江区卫生健康局", "区卫健局", "临卫", "health", DISTRICT, "district"),
    "police-household": ("临江区公安分局", "区公安分局", "临公", "police-household", DISTRICT, "district"),
    "medical-insurance": ("临江区医疗保障局", "区医保局", "临医保", "medical-insurance", DISTRICT, "district"),
    "human-resources": ("临江区人力资源和社会保障局", "区人社局", "临人社", "human-resources", DISTRICT, "district"),
    "service-centre": ("临江区政务服务中心", "区政务中心", "临政务", "service-centre", DISTRICT, "district"),
    "town": ("江畔街道便民服务中心", "江畔街道", "临江街", "service-centre", TOWN, "service-centre"),
    "other-district": ("望湖区人民政府", "望湖区政府", "望政", "government", OTHER_DISTRICT, "city"),
    "other-health": ("望湖区卫生健康局", "望湖区卫健局", "望卫", "health", OTHER_DISTRICT, "other-district"),
    "hospital": ("临江区妇幼保健院", "区妇幼保健院", "临妇幼", "hospital", DISTRICT, "district"),
    "clinic": ("临江区预防接种门诊", "区接种门诊", "临疾控", "vaccination-clinic", DISTRICT, "district"),
    "tax": ("临江区税务局", "区税务局", "临税", "tax", DISTRICT, "district"),
}
DESKS = (
    "health",
    "police-household",
    "medical-insurance",
    "human-resources",
    "service-centre",
    "other-health",
    "hospital",
    "clinic",
)
DESK_POSTS = {
    "clerk": ("window-clerk", "综窗受理员"),
    "reviewer": ("reviewer", "审查员"),
    "approver": ("approver", "首席代表"),
}
CITY_POSTS = {
    "supervisor": ("supervisor", "效能监督员"),
    "leader": ("leader", "分管领导"),
    "steward": ("steward", "数据管理员"),
}


@dataclass(frozen=True)
class World:
    """Everything by a short name: offices by kind, staff as `office.post`, people as who they are."""

    offices: dict[str, OrgView]
    accounts: dict[str, AccountView]
    mother: PartyView
    father: PartyView
    neighbour: PartyView
    firm: PartyView
    at: datetime = AT

    def org(self, key: str) -> OrgView:
        """An office: `health`, `service-centre`, `other-health` …"""
        return self.offices[key]

    def account(self, key: str) -> AccountView:
        """An account: `health.clerk`, `health.reviewer`, `city.supervisor`, `mother`, `father`, `neighbour`, `machine`."""
        return self.accounts[key]

    def actor(self, key: str, mandate: MandateView | None = None) -> Actor:
        """The account as an Actor, acting for the principal of `mandate` if one is given."""
        return people_queries.actor_of(self.accounts[key].id, mandate.id if mandate else None, at=self.at)

    def mandate(
        self, principal: PartyView, agent: str, *, scope: str = "*", ends_on: date = date(2099, 12, 31)
    ) -> MandateView:
        """Let account `agent` act for `principal`."""
        return people.grant_mandate(
            kind=MandateKind.FIRM_AGENT if principal.kind is PartyKind.FIRM else MandateKind.HELPER,
            principal_id=principal.id,
            agent_id=self.accounts[agent].id,
            scope=[scope],
            starts_on=MADE_AT.date(),
            ends_on=ends_on,
            document_no="授权〔2026〕1号",
            by=SYSTEM,
            at=MADE_AT,
        )


@cache
def place_packs(place: str | None = None) -> PackSet:
    """The packs of the repository as the demo place or another has them, read once a process."""
    return packs.read(settings.YIWANG_PACKS, place)


@standing
def world() -> World:
    """The small world, under the packs of the repository."""
    orgs.create_regions(regions=REGIONS, by=SYSTEM, at=MADE_AT)
    offices = _offices()
    accounts = _staff(offices)
    mother = _person("陈晓岚", "990102199303156", 24, "13900000001")
    father = _person("林建国", "990102199107204", 13, "13900000002")
    neighbour = _person("周敏", "990103198811020", 46, "13900000003")
    for key, party in (("mother", mother), ("father", father), ("neighbour", neighbour)):
        accounts[key] = people.create_account(
            kind=AccountKind.RESIDENT, party_id=party.id, password_hash=_hash(), by=SYSTEM, at=MADE_AT
        )
    accounts["machine"] = people.create_account(
        kind=AccountKind.MACHINE, username="household-system", name="户籍系统", by=SYSTEM, at=MADE_AT
    )
    firm = people.ensure_party(
        kind=PartyKind.FIRM,
        name="安澜市青禾面馆",
        id_type=IdType.USCC,
        id_number=make_uscc("92990102MA00000", 77),
        phone="0990-88886666",
        by=SYSTEM,
        at=MADE_AT,
    )
    return World(offices, accounts, mother, father, neighbour, firm)


@pytest.fixture
def client_as(world: World) -> Callable[[str], Client]:
    """A test client signed in as an account of the world: `client_as("health.clerk")`."""

    def signed_in(key: str) -> Client:
        client = Client()
        client.force_login(get_user_model().objects.get(pk=world.account(key).id))
        now = timezone.now().isoformat()
        session = client.session
        session.update({OPENED_AT: now, SEEN_AT: now})
        session.save()
        return client

    return signed_in


def make_uscc(head: str, number: int) -> str:
    """A valid credit code from up to 17 leading signs, filled with `number`."""
    body = head + str(number).zfill(17 - len(head))
    return body + uscc.calc_check_digit(body)


def make_id_number(head: str, serial: int) -> str:
    """A valid citizen ID number from 15 leading digits and a two-digit serial."""
    body = f"{head}{serial:02d}"
    return body + id_check_digit(body)


def _hash() -> str:
    return make_password(PASSWORD)


def _offices() -> dict[str, OrgView]:
    codes = {key: make_uscc("11990100MB", i + 1) for i, key in enumerate(OFFICES)}
    new = [
        NewOrganisation(
            uscc=codes[key],
            name=name,
            short_name=short_name,
            doc_mark=doc_mark,
            kind=kind,
            region_code=region,
            parent_uscc=codes[parent] if parent else None,
            opened_on=OPENED_ON,
            phone="0990-12345000",
            supervision_phone="0990-12345999",
            address=f"{short_name}一楼大厅",
            is_demo=True,
        )
        for key, (name, short_name, doc_mark, kind, region, parent) in OFFICES.items()
    ]
    created = orgs.create_many(organisations=new, by=SYSTEM, at=MADE_AT)
    return dict(zip(OFFICES, created, strict=True))


def _staff(offices: dict[str, OrgView]) -> dict[str, AccountView]:
    posts = {f"{desk}.{key}": (desk, *post) for desk in DESKS for key, post in DESK_POSTS.items()}
    posts |= {f"city.{key}": ("city", *post) for key, post in CITY_POSTS.items()}
    new = [
        NewStaff(
            username=username,
            name=f"{offices[desk].short_name}{title}",
            posts=(NewPost(offices[desk].id, post_type, title),),
            password_hash=_hash(),
        )
        for username, (desk, post_type, title) in posts.items()
    ]
    created = people.create_staff(staff=new, by=SYSTEM, at=MADE_AT)
    return dict(zip(posts, created, strict=True))


def _person(name: str, head: str, serial: int, phone: str) -> PartyView:
    return people.ensure_party(
        kind=PartyKind.PERSON,
        name=name,
        id_type=IdType.CITIZEN_ID,
        id_number=make_id_number(head, serial),
        phone=phone,
        by=SYSTEM,
        at=MADE_AT,
    )
