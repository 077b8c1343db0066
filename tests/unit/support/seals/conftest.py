"""A place with an authority, and a unit with a seal for its licences."""

from collections.abc import Callable

import pytest

from tests.standing import standing
from tests.world import AT, World
from yiwang.kernel.base.contracts import SYSTEM, Actor, ActorKind, PostRef
from yiwang.support.seals import actions, queries
from yiwang.support.seals.contracts import (
    Algorithm,
    CertificateView,
    OfdLine,
    OfdPage,
    OfdPicture,
    Role,
    SealView,
    StampPlace,
)

Authority = dict[tuple[Role, Algorithm], CertificateView]
PLACE = StampPlace(x_mm=150, y_mm=240)


@standing
def authority(world: World) -> Authority:
    return {(row.role, row.algorithm): row for row in actions.found_authority(by=SYSTEM, at=AT)}


@pytest.fixture
def staff(world: World) -> Callable[..., Actor]:
    """Somebody with a post of a type at an office: `staff("seal-keeper", "city")`."""

    def make(post_type: str, office: str = "city", number: int = 901) -> Actor:
        org = world.org(office)
        post = PostRef(post_id=number, org_id=org.id, org_path=org.path, post_type=post_type, title=post_type)
        return Actor(kind=ActorKind.STAFF, name="工作人员", account_id=number, posts=(post,))

    return make


@standing
def seal(world: World, authority: Authority) -> SealView:
    org = world.org("health")
    return actions.make_seal(org_id=org.id, kind="licence", name=org.name, grounds="启用", by=SYSTEM, at=AT)


@pytest.fixture(scope="session")
def paper() -> bytes:
    """An OFD file of two pages, with text that XML must escape and a picture."""
    from yiwang.support.seals import _picture

    picture = OfdPicture(_picture.drawn("样", inscription="", width_mm=20), 20, 40, 20, 20)
    lines = (OfdLine("出生医学证明", 70, 30, 8, "hei"), OfdLine("编号 <Q260000128> & 签发", 30, 60))
    pages = (OfdPage(lines, (picture,)), OfdPage((OfdLine("第二页", 30, 30, 5, "kai"),)))
    return queries.ofd(pages, doc_id="0" * 32, title="出生医学证明", at=AT)
