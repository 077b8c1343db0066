"""What `packs check` asks of a one-thing: order, fields, what is asked though it is known, and its promise."""

from collections.abc import Iterator

from yiwang.kernel.packs.contracts import Pack, PackSet, Problem, known_kinds
from yiwang.kernel.workdays.contracts import Unit
from yiwang.services.journeys import _order
from yiwang.services.journeys._book import Book, PartBook, book
from yiwang.services.journeys._explain import full_schedule
from yiwang.services.journeys.kinds import JourneyPack, JourneyPart


def check_journey(pack: Pack, packs: PackSet) -> Iterator[Problem]:
    body = pack.as_type(JourneyPack)
    found = [*_names(pack, packs, body), *_sequence(pack, body)]
    if found:
        yield from found
        return
    opened = book(pack, packs)
    for n, part in enumerate(opened.parts.values()):
        yield from _fields(pack, n, part, opened)
        yield from _days(pack, n, part)
    yield from _promise(pack, opened)


def _names(pack: Pack, packs: PackSet, body: JourneyPack) -> Iterator[Problem]:
    wanted = [("form", "Form", body.form), ("flow", "Flow", body.flow)]
    wanted += [(f"parts.{n}.matter", "Matter", part.matter) for n, part in enumerate(body.parts)]
    for where, kind, name in wanted:
        if kind in known_kinds() and packs.find(kind, name) is None:
            yield pack.problem(where, *packs.missing(kind, name))


def _sequence(pack: Pack, body: JourneyPack) -> Iterator[Problem]:
    slots = [part.slot for part in body.parts]
    for n, part in enumerate(body.parts):
        if slots.count(part.slot) > 1:
            yield pack.problem(f"parts.{n}.slot", f"“{part.slot}”用了两次。", "每项事项的 slot 不能重复。")
        for name in (*part.after, *(need.part for need in part.needs)):
            if name not in slots:
                yield pack.problem(f"parts.{n}", f"没有名为“{name}”的前一项。", f"请写 {'、'.join(slots)} 之一。")
    after = {part.slot: part.after for part in body.parts}
    if ring := _order.cycle(after):
        yield pack.problem("parts", f"先后顺序成了环：{' → '.join(ring)}。", "请去掉其中一处 after。")
        return
    for n, part in enumerate(body.parts):
        yield from _too_early(pack, n, part, after)


def _too_early(pack: Pack, n: int, part: JourneyPart, after: dict[str, tuple[str, ...]]) -> Iterator[Problem]:
    before = _all_before(part.slot, after)
    for need in part.needs:
        if need.part in after and need.part not in before:
            yield pack.problem(
                f"parts.{n}.needs", f"要用“{need.part}”的结果，却不等它办完。", f"请在 after 中写 {need.part}。"
            )


def _all_before(slot: str, after: dict[str, tuple[str, ...]]) -> set[str]:
    found: set[str] = set()
    waiting = list(after[slot])
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += after.get(name, ())
    return found


def _fields(pack: Pack, n: int, part: PartBook, opened: Book) -> Iterator[Problem]:
    """Every required field of the matter comes from somewhere, and nothing known is asked again."""
    union = {field.name: field for field in opened.form.fields()}
    fed = {need.to for need in part.part.needs}
    names = {field.name for field in part.form.fields()}
    for name in sorted((fed | part.part.supplied.keys() | part.part.fields.keys()) - names):
        yield pack.problem(f"parts.{n}", f"表单 {part.form.id} 没有“{name}”一项。", "请核对字段名称。")
    for origin in part.origins:
        field = origin.field
        if not origin.is_mapped and (field.is_required or field.required_when):
            yield pack.problem(
                f"parts.{n}",
                f"“{part.matter.title}”必填的“{field.label}”（{field.name}）在一张表里没有着落。",
                "请在一件事的表单中加上它，或在 fields、needs、supplied 中写明来源。",
            )
    for name in sorted(fed | part.part.supplied.keys()):
        if name in union:
            yield pack.problem(
                f"parts.{n}",
                f"“{union[name].label}”可以直接得到，一张表里却又问一次。",
                f"请从 {opened.form.id} 中去掉 {name}。",
            )


def _days(pack: Pack, n: int, part: PartBook) -> Iterator[Problem]:
    for limit, name in ((part.matter.promised, "承诺"), (part.matter.statutory, "法定")):
        if limit.unit is not Unit.WORKDAY:
            yield pack.problem(
                f"parts.{n}.matter",
                f"{part.matter.title}的{name}时限不按工作日算，不能相加。",
                "请在事项中改为工作日。",
            )


def _promise(pack: Pack, opened: Book) -> Iterator[Problem]:
    wanted = opened.body.promised
    schedule = full_schedule(opened)
    if wanted is not None and schedule.days > wanted.n:
        chain = " → ".join(
            f"{opened.parts[slot].matter.title} {opened.parts[slot].matter.promised}" for slot in schedule.paths[0]
        )
        yield pack.problem(
            "promised",
            f"承诺{wanted}，但最长的一串要{schedule.days}个工作日：{chain}。",
            "请缩短其中一项，或改写承诺。",
        )
