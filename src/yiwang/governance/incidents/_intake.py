"""Taking a report in: what must be right about it, and whether it is one more of something already known."""

from datetime import datetime, timedelta

from django.db import connection

from yiwang.data.places import queries as places
from yiwang.data.places.contracts import GridView
from yiwang.governance.incidents import _book, _near
from yiwang.governance.incidents.contracts import BadReport, NewReport, NoSuchIncident, TypeView
from yiwang.governance.incidents.models import Component, Incident
from yiwang.kernel.base.contracts import Place
from yiwang.kernel.cases.contracts import CaseStatus
from yiwang.kernel.files import queries as files
from yiwang.kernel.workdays import queries as workdays

WORDS_MAX, PLACE_MAX = 500, 100
CLOCKS_DIFFER = timedelta(minutes=10)
_LOCK = 0x1C1D


def checked(new: NewReport, *, at: datetime) -> tuple[TypeView, GridView]:
    """What is reported, and in which grid. Raises BadReport with everything that is wrong, BadCoordinates, NoSuchType."""
    kind = _book.type_of(new.type_key)
    grid = places.grid_at(new.lon, new.lat, on=workdays.legal_day(at))
    wrong = [*_wrong_time(new, at), *_wrong_photos(new), *_wrong_words(new)]
    if grid is None:
        wrong.append(Place("position", "这个位置不在任何网格里，请在地图或地址上重新确认。"))
    if new.is_self_handled and not kind.may_self_handle:
        wrong.append(Place("self_handled", f"“{kind.name}”不能当场处置结案，请上报。"))
    if new.is_self_handled and not new.photos_after:
        wrong.append(Place("photos_after", "当场处置的，请补一张处置后的照片。"))
    if wrong or grid is None:
        raise BadReport("上报的内容有误。", places=wrong, hint="请逐项更正后再报。")
    return kind, grid


def component(new: NewReport) -> Component | None:
    """The component that the report names by its mark. Raises BadReport for a mark that nobody knows."""
    if not new.component:
        return None
    row = Component.objects.filter(mark=new.component).first()
    if row is None:
        raise BadReport("没有这个部件。", places=[Place("component", "请核对16位部件标识码。")])
    return row


def lock(kind: TypeView) -> None:
    """One after another for each type: two reports of the same thing at the same moment must find each other."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, hashtext(%s))", [_LOCK, kind.key])


def known(new: NewReport, kind: TypeView, part: Component | None, *, at: datetime) -> Incident | None:
    """The open incident that this is one more report of: the one it names, that of the same component, or one at the spot.

    Raises NoSuchIncident if the one it names is not open.
    """
    if new.joins:
        row = Incident.objects.filter(code=new.joins, scope=kind.scope, case__status=CaseStatus.OPEN).first()
        if row is None:
            raise NoSuchIncident("要并入的事件已经结案，或不存在。", hint="请另报一件。")
        return row
    if new.is_self_handled:
        return None
    if part is not None:
        rows = Incident.objects.filter(component=part, kind=kind.code, case__status=CaseStatus.OPEN)
        return rows.order_by("id").first()
    near = _near.alike(kind, new.lon, new.lat, _book.policy().same, at=at)
    return near[0][1] if near else None


def _wrong_time(new: NewReport, at: datetime) -> list[Place]:
    if new.seen_at > at + CLOCKS_DIFFER:
        return [Place("seen_at", "发现时间在将来，请核对手机的时间。")]
    hours = _book.policy().oldest_hours
    if new.seen_at < at - timedelta(hours=hours):
        return [Place("seen_at", f"发现时间早于{hours}小时前，请到现场再看一次后上报。")]
    return []


def _wrong_photos(new: NewReport) -> list[Place]:
    most = _book.policy().photos_max
    given = (*new.photos, *new.photos_after)
    stored = files.named(given)
    if not new.photos:
        return [Place("photos", "请拍一张现场照片。")]
    if len(new.photos) > most or len(new.photos_after) > most:
        return [Place("photos", f"照片最多{most}张。")]
    if any(number not in stored or not stored[number].is_image for number in given):
        return [Place("photos", "照片要是 JPG 或 PNG 图片。")]
    return []


def _wrong_words(new: NewReport) -> list[Place]:
    wrong = []
    if len(new.words) > WORDS_MAX:
        wrong.append(Place("words", f"说明请不超过{WORDS_MAX}字。"))
    if len(new.place) > PLACE_MAX:
        wrong.append(Place("place", f"地点请不超过{PLACE_MAX}字。"))
    return wrong
