"""A hotline for tests: its office with operators, units with clerks, and somebody who calls."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from tests.standing import standing
from tests.world import CITY, DISTRICT, MADE_AT, OPENED_ON, VILLAGE, World, make_uscc
from yiwang.kernel.base.contracts import SYSTEM, Actor
from yiwang.kernel.cases import actions as engine
from yiwang.kernel.cases import queries as cases
from yiwang.kernel.cases.contracts import CaseView, TaskView
from yiwang.kernel.orgs import actions as orgs
from yiwang.kernel.orgs.contracts import NewOrganisation, OrgView
from yiwang.kernel.people import actions as people
from yiwang.kernel.people import queries as people_queries
from yiwang.kernel.people.contracts import AccountView, NewPost, NewStaff
from yiwang.services.hotline import actions, queries
from yiwang.services.hotline.contracts import Caller, Channel, Spot, TicketKind, TicketView

# key: (name, short name, kind, region)
OFFICES = {
    "hotline": ("安澜市政务服务便民热线中心", "12345热线", "hotline", CITY),
    "city-upkeep": ("临江区城市管理局", "区城管局", "urban-management", DISTRICT),
    "housing": ("临江区住房和城乡建设局", "区住建局", "housing", DISTRICT),
}
POSTS = {
    "operator": ("hotline", "hotline-operator"),
    "callback": ("hotline", "hotline-callback"),
    "leader": ("hotline", "hotline-leader"),
    "keeper": ("hotline", "hotline-keeper"),
    "city-upkeep": ("city-upkeep", "unit-clerk"),
    "housing": ("housing", "unit-clerk"),
    "district": ("district", "unit-clerk"),
    "supervisor": ("supervision", "supervisor"),
}
LIGHT = "010201"
WORDS = "望湖路3号门口的路灯不亮三天了，晚上走路看不见。"


@dataclass(frozen=True)
class Hotline:
    world: World
    offices: dict[str, OrgView]
    accounts: dict[str, AccountView]
    keys: list[int] = field(default_factory=list)

    @property
    def at(self) -> datetime:
        return self.world.at

    def actor(self, key: str) -> Actor:
        """operator, callback, leader, keeper, city-upkeep, housing, district, supervisor."""
        return people_queries.actor_of(self.accounts[key].id, at=self.at)

    def org(self, key: str) -> OrgView:
        return self.offices[key]

    def take(self, **more: Any) -> TicketView:
        """A broken street light, called in by telephone."""
        self.keys.append(len(self.keys))
        given: dict[str, Any] = {
            "kind": TicketKind.HELP,
            "channel": Channel.PHONE,
            "content": WORDS,
            "caller": Caller("赵一鸣", "13900001111"),
            "spot": Spot("望湖路3号", Decimal("0.4"), Decimal("0.3"), VILLAGE),
            "category": LIGHT,
            "key": f"key-{len(self.keys)}",
            "by": self.actor("operator"),
            "at": self.at,
        }
        return actions.take(**given | more)

    def move(
        self,
        ticket: TicketView,
        what: str,
        who: str,
        *,
        grounds: str = "",
        form: Mapping[str, Any] | None = None,
        at: datetime | None = None,
    ) -> CaseView:
        """`step.choice` by one of the accounts."""
        step, _, choice = what.partition(".")
        return engine.advance(
            case_id=ticket.case_id,
            step=step,
            choice=choice,
            grounds=grounds,
            form=form or {},
            by=self.actor(who),
            at=at or self.at,
        )

    def dispatched(self, **more: Any) -> TicketView:
        ticket = self.take(**more)
        self.move(ticket, "desk.dispatch", "operator")
        return self.again(ticket)

    def at_unit(self, **more: Any) -> TicketView:
        """Signed for by the unit that looks after street lights."""
        ticket = self.dispatched(**more)
        self.move(ticket, "sign.accept", "city-upkeep")
        return self.again(ticket)

    def done(self, **more: Any) -> TicketView:
        """The unit says that it is done; the hotline has to ask the caller."""
        ticket = self.at_unit(**more)
        self.move(ticket, "handle.done", "city-upkeep", grounds="已更换灯具。")
        return self.again(ticket)

    def again(self, ticket: TicketView) -> TicketView:
        return queries.view(ticket.number)

    def steps(self, ticket: TicketView) -> list[str]:
        return sorted({task.step for task in cases.peek(ticket.case_id).steps_open})

    def task(self, ticket: TicketView) -> TaskView:
        """What somebody has to do now; of a step that asks a unit, the unit's own task."""
        tasks = cases.peek(ticket.case_id).steps_open
        return next((task for task in tasks if task.instance), tasks[0])


@standing
def hotline(world: World) -> Hotline:
    new = [
        NewOrganisation(
            uscc=make_uscc("12990100MB", 300 + n),
            name=name,
            short_name=short,
            doc_mark="",
            kind=kind,
            region_code=region,
            parent_uscc=world.org("city" if region == CITY else "district").uscc,
            opened_on=OPENED_ON,
            phone="0990-12345",
            is_demo=True,
        )
        for n, (name, short, kind, region) in enumerate(OFFICES.values())
    ]
    made = dict(zip(OFFICES, orgs.create_many(organisations=new, by=SYSTEM, at=MADE_AT), strict=True))
    offices = {**world.offices, **made}
    staff = [
        NewStaff(
            username=f"hotline.{key}",
            name=f"{offices[org].short_name}{post}",
            posts=(NewPost(offices[org].id, post, post),),
        )
        for key, (org, post) in POSTS.items()
    ]
    accounts = dict(zip(POSTS, people.create_staff(staff=staff, by=SYSTEM, at=MADE_AT), strict=True))
    world.accounts.update({f"hotline.{key}": account for key, account in accounts.items()})
    return Hotline(world, offices, accounts)
