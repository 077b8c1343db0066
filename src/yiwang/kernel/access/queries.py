"""Who may do what where. `require` and `visible` are the only ways to ask; both cost a constant number of queries."""

from collections.abc import Iterator
from functools import lru_cache
from typing import TypeVar

from django.db.models import Model, Q, QuerySet

from yiwang.kernel.access.contracts import NotPermitted, PostTypeView, Reach, Reached
from yiwang.kernel.access.kinds import POST_TYPE, PostTypePack
from yiwang.kernel.base.contracts import Actor, ActorKind, PostRef
from yiwang.kernel.orgs import queries as orgs
from yiwang.kernel.orgs.contracts import NoSuchOrganisation, OrgView
from yiwang.kernel.packs import queries as packs
from yiwang.kernel.packs.contracts import Pack, PackSet

Row = TypeVar("Row", bound=Model)


def may(by: Actor, permission: str, at_org: int) -> bool:
    """Whether one of the actor's posts permits this at an organisation; at most one query."""
    if by.kind is ActorKind.SYSTEM:
        return True
    granting = list(_granting(by, permission))
    if any(post.org_id == at_org for post, _ in granting):
        return True
    tops = tuple(post.org_path for post, reach in granting if reach is Reach.BELOW)
    stems = tuple(_stem(post) for post, reach in granting if reach is Reach.REGION)
    org = _org(at_org) if tops or stems else None
    return org is not None and (org.path.startswith(tops) or org.region_code.startswith(stems))


def may_anywhere(by: Actor, permission: str) -> bool:
    """Whether the actor may do this at any organisation at all: for menus; no query."""
    return by.kind is ActorKind.SYSTEM or any(_granting(by, permission))


def require(by: Actor, permission: str, *, at_org: int) -> None:
    """Raises NotPermitted unless one of the actor's posts permits this at an organisation."""
    if not may(by, permission, at_org):
        raise NotPermitted("您的岗位不能在该单位办理这项业务。", hint="请联系本单位负责人确认岗位。")


def org_filter(by: Actor, permission: str, field: str = "org") -> Q:
    """The rows whose organisation (foreign key `field`; "" for organisations themselves) the actor may see.

    No query of its own: one prefix per post that reaches below or over a region, one id list for the others.
    """
    if by.kind is ActorKind.SYSTEM:
        return Q()
    prefix = f"{field}__" if field else ""
    own: set[int] = set()
    reached = Q()
    for post, reach in _granting(by, permission):
        own.add(post.org_id)
        if reach is Reach.BELOW:
            reached |= Q(**{f"{prefix}path__startswith": post.org_path})
        elif reach is Reach.REGION:
            reached |= Q(**{f"{prefix}region__code__startswith": _stem(post)})
    key = f"{field}_id__in" if field else "pk__in"
    return reached | Q(**{key: sorted(own)})


def visible(by: Actor, rows: QuerySet[Row], permission: str, field: str = "org") -> QuerySet[Row]:
    """`rows`, less those at organisations where no post of the actor permits this."""
    return rows.filter(org_filter(by, permission, field))


def reached(by: Actor, permission: str) -> Reached:
    """Where the actor's posts permit this, for SQL of one's own (`orgs.queries.IDS_WITHIN`); no query, nowhere for a system."""
    granting = list(_granting(by, permission))
    return Reached(
        own=tuple(sorted({post.org_id for post, reach in granting if reach is Reach.OWN})),
        below=tuple(sorted({post.org_path for post, reach in granting if reach is Reach.BELOW})),
        regions=tuple(sorted({_stem(post) for post, reach in granting if reach is Reach.REGION})),
    )


def regions(by: Actor, permission: str) -> tuple[str, ...]:
    """First digits of the regions where the actor's posts that permit this sit, for rows that belong to a region and no organisation.

    One empty text for a system: every region begins with it. No query.
    """
    if by.kind is ActorKind.SYSTEM:
        return ("",)
    return tuple(sorted({_stem(post) for post, _ in _granting(by, permission) if post.region_code}))


def orgs_within(by: Actor, permission: str) -> list[OrgView]:
    """The organisations where one of the actor's posts permits this, parents first; at most two queries per post."""
    found: dict[int, OrgView] = {}
    own: list[int] = []
    for post, reach in _granting(by, permission):
        if reach is Reach.BELOW and post.org_id not in found:
            found |= {org.id: org for org in orgs.under(post.org_id)}
        elif reach is Reach.REGION:
            found |= {org.id: org for org in orgs.in_region(post.region_code)}
        if post.org_id not in found:
            own.append(post.org_id)
    missing = [org_id for org_id in own if org_id not in found]
    return list((found | orgs.named(missing) if missing else found).values())


def post_type(post_type_id: str) -> PostTypeView:
    """A type of post. Raises PackNotFound."""
    found = _post_types(packs.current()).get(post_type_id)
    return found or _view(packs.get(POST_TYPE, post_type_id))


def post_types() -> list[PostTypeView]:
    return list(_post_types(packs.current()).values())


def needs_second_factor(by: Actor) -> bool:
    """Whether one of the actor's posts asks for a second factor at sign-in."""
    known = _post_types(packs.current())
    return any(known[post.post_type].needs_second_factor for post in by.posts if post.post_type in known)


def _granting(by: Actor, permission: str) -> Iterator[tuple[PostRef, Reach]]:
    known = _post_types(packs.current())
    for post in by.posts:
        type_of_post = known.get(post.post_type)
        if type_of_post is not None and permission in type_of_post.permissions:
            reach = type_of_post.reach_of(permission)
            # An actor made without a region reaches none, not all.
            yield post, reach if post.region_code or reach is not Reach.REGION else Reach.OWN


def _stem(post: PostRef) -> str:
    return orgs.stem(post.region_code)


def _org(org_id: int) -> OrgView | None:
    try:
        return orgs.get(org_id)
    except NoSuchOrganisation:
        return None


@lru_cache(maxsize=2)
def _post_types(in_force: PackSet) -> dict[str, PostTypeView]:
    return {pack.id: _view(pack) for pack in in_force.all_of(POST_TYPE)}


def _view(pack: Pack) -> PostTypeView:
    body = pack.as_type(PostTypePack)
    return PostTypeView(
        id=pack.id,
        title=body.title.zh,
        permissions=frozenset(body.permissions) | frozenset(body.in_region),
        in_region=frozenset(body.in_region),
        reach=body.reach,
        needs_second_factor=body.needs_second_factor,
    )
