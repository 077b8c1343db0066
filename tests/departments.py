"""Departments with a data authority, clerks and chief data officers, for tests of the catalogue and what stands on it."""

from dataclasses import dataclass, field

from tests.world import AT, CITY, MADE_AT, OPENED_ON, World, make_uscc
from yiwang.data.catalogue import actions as catalogue
from yiwang.data.catalogue.contracts import Content, Cycle, ItemView, NewResource, Sharing, Way
from yiwang.kernel.base.contracts import SYSTEM, Actor
from yiwang.kernel.orgs import actions as orgs
from yiwang.kernel.orgs.contracts import NewOrganisation, OrgView
from yiwang.kernel.people import actions as people
from yiwang.kernel.people import queries as people_queries
from yiwang.kernel.people.contracts import AccountKind

KEEPER, OFFICER, CLERK = "catalogue-keeper", "chief-data-officer", "unit-clerk"
UNITS = {
    "data-bureau": ("安澜市大数据局", "市大数据局", "data-bureau"),
    "market": ("安澜市市场监督管理局", "市市场监管局", "market-regulation"),
    "civil": ("安澜市民政局", "市民政局", "civil-affairs"),
}


@dataclass
class Departments:
    """Units by key, staff as `unit.post`: `market.officer`, `market.clerk`, `data-bureau.keeper`."""

    world: World
    units: dict[str, OrgView] = field(default_factory=dict)
    accounts: dict[str, int] = field(default_factory=dict)

    def org(self, key: str) -> OrgView:
        return self.units[key]

    def actor(self, key: str) -> Actor:
        return people_queries.actor_of(self.accounts[key], None, at=self.world.at)


def departments(world: World) -> Departments:
    """The data authority, a market regulator and a civil affairs bureau of the city, each with its posts."""
    made = Departments(world)
    for number, (key, (name, short, kind)) in enumerate(UNITS.items(), start=1):
        [made.units[key]] = orgs.create_many(
            organisations=[_organisation(name, short, kind, number, world)], by=SYSTEM, at=MADE_AT
        )
        posts = {"officer": OFFICER, "clerk": CLERK} | ({"keeper": KEEPER} if key == "data-bureau" else {})
        for post, post_type in posts.items():
            made.accounts[f"{key}.{post}"] = _staff(f"{key}.{post}", made.units[key].id, post_type)
    return made


def _organisation(name: str, short: str, kind: str, number: int, world: World) -> NewOrganisation:
    return NewOrganisation(
        uscc=make_uscc("11990100MC", number),
        name=name,
        short_name=short,
        doc_mark=short,
        kind=kind,
        region_code=CITY,
        parent_uscc=world.org("city").uscc,
        opened_on=OPENED_ON,
        is_demo=True,
    )


def _staff(username: str, org_id: int, post_type: str) -> int:
    account = people.create_account(kind=AccountKind.STAFF, username=username, name="某某", by=SYSTEM, at=MADE_AT)
    people.appoint(
        account_id=account.id,
        org_id=org_id,
        post_type=post_type,
        title=post_type,
        since=OPENED_ON,
        by=SYSTEM,
        at=MADE_AT,
    )
    return account.id


FIRMS = Content(
    title="企业登记基本信息",
    summary="企业的名称、代码和状态。",
    items=(
        ItemView("uscc", "", "firm.uscc", is_key=True),
        ItemView("name", "", "firm.name"),
        ItemView("remark", "备注", length=200),
    ),
    sharing=Sharing.UNCONDITIONAL,
    ways=(Way.SERVICE,),
    update_cycle=Cycle.DAILY,
    keywords=("营业执照",),
    lake_table="registry.firms",
)
CODE = "anlan.market.firms"


def enter(place: Departments, code: str = CODE, content: Content = FIRMS, unit: str = "market") -> None:
    new = NewResource(code, place.org(unit).id, content)
    catalogue.register(new=new, by=place.actor("data-bureau.keeper"), at=AT)
