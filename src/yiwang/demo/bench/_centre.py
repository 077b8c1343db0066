"""A hotline with operators, its duty leader, and units with clerks: made by the public actions, to fill and to look at."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.contrib.auth.hashers import make_password
from stdnum.cn import uscc

from yiwang.demo.bench._people import PASSWORD, REGION, REGIONS
from yiwang.kernel.base.contracts import SYSTEM
from yiwang.kernel.orgs import actions as orgs
from yiwang.kernel.orgs import queries as orgs_read
from yiwang.kernel.orgs.contracts import NewOrganisation, OrgView
from yiwang.kernel.people import actions as people
from yiwang.kernel.people.contracts import NewPost, NewStaff
from yiwang.services.hotline import queries as hotline

UNITS, OPERATORS = 200, 40
"""Units that tickets go to, and operators that take them down at the same time."""
OPERATOR, LEADER, CLERK = "bench.operator.1", "bench.duty", "bench.unit"
_OPENED = date(2019, 1, 1)


@dataclass(frozen=True, slots=True)
class Centre:
    """`categories` are the leaves of the tree in force."""

    office: OrgView
    units: tuple[OrgView, ...]
    operators: tuple[str, ...]
    categories: tuple[str, ...]


def make(at: datetime) -> Centre:
    """Make everybody once."""
    at -= timedelta(days=1)
    known = orgs_read.regions([region.code for region in REGIONS])
    orgs.create_regions(regions=[one for one in REGIONS if one.code not in known], by=SYSTEM, at=at)
    office, *units = orgs.create_many(organisations=_organisations(), by=SYSTEM, at=at)
    operators = tuple(f"bench.operator.{n + 1}" for n in range(OPERATORS))
    posts = {name: NewPost(office.id, "hotline-operator", "受理员") for name in operators}
    posts |= {
        LEADER: NewPost(office.id, "hotline-leader", "值班长"),
        CLERK: NewPost(units[0].id, "unit-clerk", "联络员"),
    }
    password = make_password(PASSWORD)
    staff = [NewStaff(name, "测速员", (post,), password) for name, post in posts.items()]
    people.create_staff(staff=staff, by=SYSTEM, at=at)
    leaves = tuple(node.code for node in hotline.categories().leaves())
    return Centre(office, tuple(units), operators, leaves)


def _organisations() -> list[NewOrganisation]:
    named = [("测速市政务服务便民热线中心", "hotline", REGIONS[1].code)]
    named += [(f"测速区第{n}承办单位", "bench-unit", REGION) for n in range(UNITS)]
    return [
        NewOrganisation(
            uscc=_uscc(serial),
            name=name,
            short_name=name,
            doc_mark=f"热{serial}",
            kind=kind,
            region_code=region,
            parent_uscc=None,
            opened_on=_OPENED,
            is_demo=True,
        )
        for serial, (name, kind, region) in enumerate(named)
    ]


def _uscc(serial: int) -> str:
    body = f"12990902{serial:09d}"
    return body + uscc.calc_check_digit(body)
