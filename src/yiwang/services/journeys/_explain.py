"""What a one-thing saves, computed from its packs; and why another guide's figures differ from ours. Reads packs only."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

from yiwang.kernel.forms.contracts import source_title
from yiwang.services.journeys import _order
from yiwang.services.journeys._book import Book, PartBook
from yiwang.services.journeys.contracts import Difference, Explanation, FieldLine, MaterialLine, PartLine
from yiwang.services.journeys.kinds import Quote
from yiwang.services.matters.contracts import Material


def explain(book: Book) -> Explanation:
    schedule = full_schedule(book)
    parts = tuple(_line(part, schedule) for part in book.parts.values())
    materials, fields = tuple(_materials(book)), tuple(_fields(book))
    quoted = book.body.quoted
    figures = Explanation(
        journey_id=book.pack.id,
        title=str(book.body.title),
        title_en=book.body.title.en,
        parts=parts,
        materials=materials,
        fields=fields,
        paths=schedule.paths,
        statutory_sum=sum(part.statutory.n for part in parts),
        promised_sum=sum(part.promised.n for part in parts),
        promised_days=schedule.days,
        own_material_rows=sum(part.own_materials for part in parts),
        own_field_rows=sum(part.own_fields for part in parts),
        own_visits=sum(part.own_visits for part in parts),
        visits=sum(part.visits for part in parts),
        quoted_source=quoted.source if quoted else "",
        differences=(),
    )
    return figures if quoted is None else _with_differences(book, figures)


def full_schedule(book: Book) -> _order.Schedule:
    """The order when every part is wanted and there is one child."""
    days = {slot: part.matter.promised.n for slot, part in book.parts.items()}
    return _order.schedule(days, {slot: part.part.after for slot, part in book.parts.items()})


def _line(book: PartBook, schedule: _order.Schedule) -> PartLine:
    matter, part = book.matter, book.part
    return PartLine(
        slot=part.slot,
        title=matter.title,
        title_en=matter.title_en,
        unit=matter.handled_by,
        after=part.after,
        applies=str(part.applies or ""),
        applies_en=part.applies.en if part.applies else "",
        statutory=matter.statutory,
        promised=matter.promised,
        own_visits=matter.visits,
        visits=part.visits,
        own_materials=len(matter.materials),
        own_fields=sum(1 for _ in book.form.fields()),
        starts_on_day=schedule.starts[part.slot],
        ends_on_day=schedule.ends[part.slot],
        slack=schedule.slack[part.slot],
        result=matter.result,
    )


def _materials(book: Book) -> Iterator[MaterialLine]:
    """The union: each paper once, whoever wants it; it is asked if any part has to ask for it."""
    wanted: dict[str, list[tuple[str, Material]]] = {}
    for slot, part in book.parts.items():
        for material in part.matter.materials:
            wanted.setdefault(material.key, []).append((slot, material))
    for key, uses in wanted.items():
        slots = tuple(slot for slot, _ in uses)
        material = next((m for _, m in uses if m.is_asked), uses[0][1])
        applies = book.parts[slots[0]].part.applies if len(slots) == 1 else None
        yield MaterialLine(
            key=key,
            name=material.name,
            name_en=material.name_en,
            parts=slots,
            source=material.source.value,
            is_asked=material.is_asked,
            may_lack=material.may_lack,
            condition=(material.requirement or material.when) if material.when else str(applies or ""),
            condition_en=material.requirement_en if material.when else (applies.en if applies else ""),
            why=material.why,
            why_en=material.why_en,
        )


def _fields(book: Book) -> Iterator[FieldLine]:
    """The union of what the matters' forms want, and the questions of the one form that only choose among parts."""
    wanted: dict[str, tuple[str, str, list[str]]] = {}
    for slot, part in book.parts.items():
        for origin in part.origins:
            name = origin.union or origin.field.name
            label = str(book.form.field(origin.union).label) if origin.union else str(origin.field.label)
            wanted.setdefault(name, (label, _source(book, origin.union, origin.feed, origin.supplied), []))[2].append(
                slot
            )
    for name, (label, source, slots) in wanted.items():
        yield FieldLine(name, label, tuple(slots), source)
    for field in book.form.fields():
        if field.name not in wanted:
            yield FieldLine(field.name, str(field.label), (), _source(book, field.name, "", ""))


def _source(book: Book, union: str, feed: str, supplied: str) -> str:
    """Where the value comes from without being typed; empty when it is asked."""
    if feed:
        return f"{book.parts[feed.partition('.')[0]].matter.title}的结果"
    if supplied:
        return supplied
    field = book.form.field(union)
    return source_title(field.element.authority) if field.element.authority and not field.ask else ""


def _with_differences(book: Book, ours: Explanation) -> Explanation:
    found = (
        _difference("工作日", _quote(book, "days"), ours.statutory_sum, ours.promised_days, _about_days(book, ours)),
        _difference("到现场次数", _quote(book, "visits"), ours.own_visits, ours.visits, _about_visits(book, ours)),
        _difference(
            "材料份数",
            _quote(book, "materials"),
            ours.own_material_rows,
            len(ours.materials_asked),
            _about_materials(book, ours),
        ),
        _difference("表单张数", _quote(book, "forms"), len(ours.parts), 1, _about_forms(ours)),
    )
    return replace(ours, differences=found)


def _quote(book: Book, name: str) -> Quote | None:
    quoted = book.body.quoted
    return getattr(quoted, name) if quoted else None


def _difference(subject: str, quote: Quote | None, before: int, after: int, reasons: Iterator[str]) -> Difference:
    quoted_before, quoted_after = (quote.before, quote.after) if quote else (None, None)
    return Difference(subject, quoted_before, quoted_after, before, after, tuple(reasons))


def _about_days(book: Book, ours: Explanation) -> Iterator[str]:
    quoted = book.body.quoted
    assert quoted is not None
    total = sum(quoted.own_days.values())
    yield (
        f"我们的{ours.statutory_sum}是{len(ours.parts)}项自有时限之和："
        + "＋".join(str(p.statutory.n) for p in ours.parts)
        + "。"
    )
    for part in ours.parts:
        own = quoted.own_days.get(part.slot)
        if own is not None and own != part.statutory.n:
            yield f"“{part.title}”指南写{own}天，本地自有时限是{part.statutory.n}天。"
    if quoted.days and total and total != quoted.days.before:
        yield f"指南自己列出的各项时限相加是{total}，与它写的{quoted.days.before}相差{total - quoted.days.before}，它没有说明。"
        for part in ours.parts:
            if quoted.own_days.get(part.slot) == total - quoted.days.before:
                yield f"差额恰好等于“{part.title}”的{total - quoted.days.before}天，可能没有计入这一项；只是推测，不采用。"
    chains = "；".join(_chain(ours, path) for path in ours.paths)
    yield f"承诺按最长的一串算，合{ours.promised_days}个工作日：{chains}。其余各项在这段时间里同时办。"


def _chain(ours: Explanation, path: tuple[str, ...]) -> str:
    named = {part.slot: part for part in ours.parts}
    return "→".join(f"{named[slot].title}{named[slot].promised.n}" for slot in path)


def _about_visits(book: Book, ours: Explanation) -> Iterator[str]:
    counted = Counter(part.own_visits for part in ours.parts)
    yield (
        "我们的"
        + str(ours.own_visits)
        + "是各项单独办时到现场次数之和："
        + "，".join(f"{n}次的有{count}项" for n, count in sorted(counted.items(), reverse=True))
        + "；指南没有逐项列出。"
    )
    for slot, part in book.parts.items():
        if part.matter.visits > part.part.visits and part.part.visits_because:
            yield f"“{book.parts[slot].matter.title}”不用到现场：{part.part.visits_because}。"


def _about_materials(book: Book, ours: Explanation) -> Iterator[str]:
    quoted = book.body.quoted
    assert quoted is not None
    yield f"我们的{ours.own_material_rows}是各项单独办时材料份数之和，同一份材料只算一次是{len(ours.materials)}份。"
    always = [line for line in ours.materials_asked if not line.condition and not line.may_lack]
    later = [line for line in ours.materials_asked if line.may_lack and not line.condition]
    sometimes = [line for line in ours.materials_asked if line.condition]
    yield (
        f"要提供的{len(ours.materials_asked)}份里，都要的{len(always)}份，可以后补的{len(later)}份，"
        f"只在一定情形下要的{len(sometimes)}份：" + "、".join(line.name for line in ours.materials_asked) + "。"
    )
    if quoted.material_rows and quoted.materials:
        asked = quoted.material_rows - (quoted.material_rows_spared or 0)
        yield (
            f"指南的材料表列{quoted.material_rows}行，其中免提交{quoted.material_rows_spared or 0}行，即还要交{asked}份，"
            f"与它写的{quoted.materials.before}和{quoted.materials.after}都不同，它没有说明。"
        )


def _about_forms(ours: Explanation) -> Iterator[str]:
    merged = sum(1 for line in ours.fields if line.parts)
    yield (
        f"{len(ours.parts)}张表共{ours.own_field_rows}个填写项，合并后{merged}项，另有{len(ours.fields) - merged}项用来选择和确认；"
        f"其中已知的{len(ours.fields_known)}项不用填。"
    )
