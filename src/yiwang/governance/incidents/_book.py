"""Types as the packs in force have them, and who puts right what where."""

from functools import lru_cache

from yiwang.governance.incidents.contracts import NoSuchType, Scope, TypeView
from yiwang.governance.incidents.kinds import CLASS, POLICY, IncidentClass, IncidentPolicy, IncidentType
from yiwang.kernel.orgs import queries as orgs
from yiwang.kernel.orgs.contracts import NobodyHandles, OrgView
from yiwang.kernel.packs import queries as packs
from yiwang.kernel.packs.contracts import PackSet


def policy() -> IncidentPolicy:
    return packs.all_of(POLICY)[0].as_type(IncidentPolicy)


def types() -> dict[str, TypeView]:
    """All types by `scope:code`, events before components, in order of code."""
    return {key: view for key, (view, _) in _types(packs.current()).items()}


def type_of(key: str) -> TypeView:
    """Raises NoSuchType."""
    return _entry(key)[0]


def unit_for(key: str, region_code: str) -> OrgView:
    """Who puts right what at a place. Raises NoSuchType, NobodyHandles."""
    entry = _entry(key)[1]
    line = [region_code[:width].ljust(12, "0") for width in (12, 9, 6, 4, 2)]
    own = next((entry.units[code] for code in line if code in entry.units), entry.unit)
    return orgs.handling(own, region_code)


def units_at(region_code: str) -> list[OrgView]:
    """Whoever puts anything right at a place: one organisation of each kind that the types name, by kind."""
    kinds = {each.unit for _, each in _types(packs.current()).values()}
    kinds |= {kind for _, each in _types(packs.current()).values() for kind in each.units.values()}
    return orgs.handling_of(kinds, region_code)


def command_for(region_code: str) -> OrgView:
    """The command desk that leads at a place. Raises NobodyHandles."""
    for kind in policy().commands:
        try:
            return orgs.handling(kind, region_code)
        except NobodyHandles:
            continue
    raise NobodyHandles("当地及上级都没有指挥中心。", hint="请联系12345。")


def _entry(key: str) -> tuple[TypeView, IncidentType]:
    found = _types(packs.current()).get(key)
    if found is None:
        raise NoSuchType("没有这个事件类型。", hint="请重新选择类型。")
    return found


@lru_cache(maxsize=2)
def _types(in_force: PackSet) -> dict[str, tuple[TypeView, IncidentType]]:
    found: dict[str, tuple[TypeView, IncidentType]] = {}
    bodies = [pack.as_type(IncidentClass) for pack in in_force.all_of(CLASS)]
    for body in sorted(bodies, key=lambda each: (each.scope is Scope.COMPONENT, each.code)):
        for each in sorted(body.types, key=lambda one: one.code):
            key = f"{body.scope}:{body.code}{each.code}"
            view = TypeView(
                key=key,
                scope=body.scope,
                code=body.code + each.code,
                name=each.name,
                class_name=str(body.title),
                limit=each.limit,
                may_self_handle=each.may_self_handle,
                closes_when=each.closes_when,
            )
            found[key] = (view, each)
    return found
