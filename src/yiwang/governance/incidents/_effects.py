"""Effects that the flows of incidents name."""

from typing import Any

from yiwang.data.places import queries as places
from yiwang.governance.incidents import _book
from yiwang.governance.incidents.contracts import CannotDispatch, CannotMerge, Channel
from yiwang.governance.incidents.models import Component, Incident, Report
from yiwang.kernel.base.numbering import next_number
from yiwang.kernel.cases import queries as cases
from yiwang.kernel.cases.contracts import EffectContext, register_effect
from yiwang.kernel.orgs import queries as orgs
from yiwang.kernel.workdays import queries as workdays

SERIAL_MAX = 999_999
FULL = 100


def enter(context: EffectContext) -> dict[str, Any]:
    """The incident's own row and number; of a ticket its words become the first report."""
    case, given = context.case, cases.data(context.case.id)["incident"]
    kind = _book.type_of(given["type"])
    lon, lat = _degrees(given.get("lon")), _degrees(given.get("lat"))
    grid_code = given.get("grid_code") or _grid_code(lon, lat, context)
    row = Incident.objects.create(
        code=_code(case.region_code, kind.code),
        scope=kind.scope.value,
        kind=kind.code,
        title=f"{kind.name}（{_where(case.region_code, grid_code)}）"[:120],
        case_id=case.id,
        org_id=case.org_id,
        region_code=case.region_code,
        grid_code=grid_code,
        lon=lon,
        lat=lat,
        place=given.get("place") or None,
        component=Component.objects.filter(mark=given["component"]).first() if given.get("component") else None,
        opened_at=context.at,
    )
    if given.get("words"):
        Report.objects.create(
            incident=row,
            account_id=context.by.account_id,
            channel=Channel.TICKET.value,
            key=f"case:{case.id}",
            words=given["words"],
            place=given.get("place") or None,
            lon=lon,
            lat=lat,
            photos=list(given.get("photos") or ()),
            is_first=True,
            seen_at=context.at,
            received_at=context.at,
        )
    return {"incident": row.code}


def merged(context: EffectContext) -> dict[str, Any]:
    """Where it went is chosen on the incident's own page."""
    row = Incident.objects.select_related("merged_into").get(case=context.case.id)
    if row.merged_into is None:
        raise CannotMerge("还没有选并入哪一件。", hint="请在事件页选定后合并。")
    return {"merged_into": row.merged_into.code}


def dispatched(context: EffectContext) -> None:
    """Without a choice of units the one of the types' list is meant."""
    row = Incident.objects.select_for_update().get(case=context.case.id)
    if not row.unit_ids:
        row.unit_ids = [_book.unit_for(f"{row.scope}:{row.kind}", row.region_code).id]
        row.save(update_fields=["unit_ids"])


def called(context: EffectContext) -> None:
    """Whom to call is chosen on the incident's own page."""
    if not Incident.objects.get(case=context.case.id).called_ids:
        raise CannotDispatch("还没有选吹哨叫谁。", hint="请在事件页选定单位后吹哨。")


def returned(context: EffectContext) -> None:
    """The next dispatch chooses anew."""
    Incident.objects.filter(case=context.case.id).update(unit_ids=[])


def evaluate(context: EffectContext) -> dict[str, Any]:
    """综合评价: what is taken off a hundred, from the tasks as they went."""
    tasks, marks = cases.tasks(context.case.id), _book.policy().marks
    handled = [task for task in tasks if task.step == "handle" and task.instance]
    figures = {
        "late": sum(
            task.closed_at is not None and task.due_at is not None and task.closed_at > task.due_at for task in handled
        ),
        "returned": sum(task.choice == "return" for task in handled),
        "failed": sum(task.step == "check" and task.choice == "fail" for task in tasks),
    }
    off = sum(getattr(marks, name) * times for name, times in figures.items())
    Incident.objects.filter(case=context.case.id).update(score=max(0, FULL - off), figures=figures)
    return {"score": max(0, FULL - off)}


def register() -> None:
    for name, effect in (
        ("enter", enter),
        ("merge", merged),
        ("dispatch", dispatched),
        ("call", called),
        ("return", returned),
        ("evaluate", evaluate),
    ):
        register_effect(f"incidents.{name}", effect)


def _code(region_code: str, kind: str) -> str:
    """6 区划 + 2 大类 + 2 小类 + 6 流水, the last without gaps; events and components of one number share them."""
    serial = next_number(f"incidents:{region_code[:6]}:{kind}")
    if serial > SERIAL_MAX:
        raise CannotDispatch("这一类事件的六位流水号用完了。", hint="请联系管理员。")
    return f"{region_code[:6]}{kind}{serial:06d}"


def _grid_code(lon: float | None, lat: float | None, context: EffectContext) -> str:
    if lon is None or lat is None:
        return ""
    found = places.grid_at(lon, lat, on=workdays.legal_day(context.at))
    return found.code if found else ""


def _where(region_code: str, grid_code: str) -> str:
    names = [orgs.region(region_code).name]
    names += [each.name for each in places.named([grid_code]).values()] if grid_code else []
    return "".join(names)


def _degrees(given: object) -> float | None:
    """Other nets hand on numbers as text."""
    return float(str(given)) if given not in (None, "") else None
