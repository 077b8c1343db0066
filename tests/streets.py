"""A street with grids, its command desk with a grid worker, the units that put things right, and photos."""

import io
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pytest
from PIL import Image

from tests.standing import standing
from tests.world import CITY, DISTRICT, MADE_AT, OPENED_ON, PROVINCE, TOWN, VILLAGE, World, make_uscc
from yiwang.data.places import actions as places
from yiwang.data.places.contracts import NewGrid
from yiwang.governance.incidents import actions
from yiwang.governance.incidents.contracts import NewReport, Reported
from yiwang.kernel.base.contracts import SYSTEM, Actor
from yiwang.kernel.cases import actions as engine
from yiwang.kernel.cases import queries as cases
from yiwang.kernel.files import actions as files
from yiwang.kernel.orgs import actions as orgs
from yiwang.kernel.orgs.contracts import NewOrganisation, OrgView
from yiwang.kernel.people import actions as people
from yiwang.kernel.people import queries as people_queries
from yiwang.kernel.people.contracts import NewPost, NewStaff

LITTER, BUILDING, LID = "event:0102", "event:0101", "component:0101"
SPOT = (0.15, 0.15)
OFFICES = {
    "street": ("江畔街道网格化服务管理中心", "江畔街道网格中心", "street-command", TOWN),
    "county": ("临江区城市运行管理中心", "区城运中心", "county-command", DISTRICT),
    "city": ("安澜市城市运行管理中心", "市城运中心", "city-command", CITY),
    "province": ("澄海省城市运行管理中心", "省城运中心", "province-command", PROVINCE),
    "cleaning": ("临江区城市管理局", "区城管局", "urban-management", DISTRICT),
    "water": ("临江区水务局", "区水务局", "water-affairs", DISTRICT),
}
POSTS = {
    "street.desk": "incident-desk",
    "street.grid": "grid-worker",
    "street.chief": "approver",
    "county.desk": "incident-desk",
    "city.desk": "incident-desk",
    "province.desk": "incident-desk",
    "cleaning.handler": "incident-handler",
    "water.handler": "incident-handler",
}


@dataclass
class Street:
    """Everything by a short name, and the deeds that every test needs."""

    world: World
    offices: dict[str, OrgView]
    accounts: dict[str, int]
    keys: list[int] = field(default_factory=list)

    def actor(self, key: str) -> Actor:
        return people_queries.actor_of(self.accounts[key], at=self.world.at)

    @staticmethod
    def picture() -> bytes:
        stream = io.BytesIO()
        Image.new("RGB", (40, 30), "gray").save(stream, "JPEG")
        return stream.getvalue()

    def photo(self, key: str = "street.grid") -> int:
        stream = io.BytesIO(self.picture())
        return files.store(
            stream=stream, filename="a.jpg", purpose="incident-photo", owner_party_id=None, by=self.actor(key),
            at=self.world.at,
        ).id  # fmt: skip

    def report(self, type_key: str = LITTER, spot: tuple[float, float] = SPOT, **more: Any) -> Reported:
        at = more.pop("at", self.world.at)
        self.keys.append(len(self.keys))
        key = more.pop("key", f"key-{len(self.keys):06d}")
        if "photos" not in more:
            more["photos"] = (self.photo(),)
        new = NewReport(type_key=type_key, lon=spot[0], lat=spot[1], seen_at=more.pop("seen_at", at), **more)
        return actions.report(new=new, key=key, by=self.actor("street.grid"), at=at)

    def take(self, case_number: str, who: str, step: str, choice: str, grounds: str = "") -> None:
        case = cases.by_number(case_number)
        engine.advance(case_id=case.id, step=step, choice=choice, grounds=grounds, by=self.actor(who), at=self.world.at)

    def steps(self, case_number: str) -> set[str]:
        return {task.step for task in cases.by_number(case_number).steps_open}


@standing
def street(world: World) -> Street:
    codes = {key: make_uscc("11990100MC", n + 1) for n, key in enumerate(OFFICES)}
    new = [
        NewOrganisation(codes[key], name, kind, region, OPENED_ON, short_name=short, is_demo=True)
        for key, (name, short, kind, region) in OFFICES.items()
    ]
    offices = dict(zip(OFFICES, orgs.create_many(organisations=new, by=SYSTEM, at=MADE_AT), strict=True))
    staff = [
        NewStaff(username=key, name=key, posts=(NewPost(offices[key.split(".")[0]].id, post, post),))
        for key, post in POSTS.items()
    ]
    made = people.create_staff(staff=staff, by=SYSTEM, at=MADE_AT)
    ring = [[0.1, 0.1], [0.2, 0.1], [0.2, 0.2], [0.1, 0.2], [0.1, 0.1]]
    east = [[x + 0.1, y] for x, y in ring]
    drawn = [
        NewGrid(f"{VILLAGE}{n:03d}", f"第{n}网格", {"type": "Polygon", "coordinates": [each]})
        for n, each in enumerate((ring, east), start=1)
    ]
    places.save_grids(grids=drawn, on=date(2026, 1, 1), by=SYSTEM, at=MADE_AT)
    return Street(world, offices, {key: account.id for key, account in zip(POSTS, made, strict=True)})


@pytest.fixture
def visit(street: Street, client_as: Callable[[str], Any]) -> Callable[[str], Any]:
    """A client signed in as somebody of the street: `visit("street.desk")`."""
    world = street.world

    def signed_in(key: str) -> Any:
        if key in street.accounts:
            world.accounts[key] = people_queries.account(street.accounts[key])
        return client_as(key)

    return signed_in
