"""What one filing sets going: which matters for which child, where, after what, and the promised day. Reads only."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from yiwang.kernel.packs.contracts import Text
from yiwang.kernel.workdays.contracts import Limit
from yiwang.services.journeys import _order
from yiwang.services.journeys._book import Book, PartBook
from yiwang.services.journeys.contracts import LeftOut, PartPlan, PlanView
from yiwang.services.matters import queries as matters
from yiwang.services.matters.contracts import ImplementationView

Answers = Mapping[str, Any]
_NOBODY = Text("本地还没有办理这一项的单位，请拨打12345询问。", "Nobody carries this out here yet; please call 12345.")
_NOT_NEEDED = Text("这次不需要。", "Not needed this time.")
_WAITS_FOR_NOTHING = Text("它所依据的前一项这次不办。", "It rests on a part that is not done this time.")


@dataclass(frozen=True, slots=True)
class Copy:
    """A part for one child, or for the family as a whole."""

    slot: str
    book: PartBook
    index: int | None
    subject: str

    @property
    def part(self) -> str:
        return self.book.part.slot


@dataclass(frozen=True, slots=True)
class Arrangement:
    """Which parts these answers want, how often, and in which order."""

    copies: tuple[Copy, ...]
    left_out: tuple[LeftOut, ...]
    after: Mapping[str, tuple[str, ...]]
    schedule: _order.Schedule


def plan(book: Book, answers: Answers, *, region_code: str, on: date) -> PlanView:
    """The parts that apply to these answers, in the order of the pack, at whoever carries them out in a region."""
    wanted = [part.matter.id for part in book.parts.values()]
    here = matters.implementations(wanted, on=on, region_code=region_code)
    days = {name: (view.promised or book_days(book, name)).n for name, view in here.items()}
    made = arrange(book, answers, days)
    parts = tuple(_part(copy, here[copy.book.matter.id], made) for copy in made.copies)
    return PlanView(
        journey_id=book.pack.id,
        parts=parts,
        left_out=made.left_out,
        path=made.schedule.paths[0] if parts else (),
        promised_days=made.schedule.days,
        statutory_days=sum(part.statutory.n for part in parts),
    )


def arrange(book: Book, answers: Answers, days: Mapping[str, int]) -> Arrangement:
    """The same without a place: `days` are the promised work days of the matters that somebody carries out."""
    left_out: list[LeftOut] = []
    included: list[str] = []
    for slot, part in book.parts.items():
        why = _why_not(part, answers, included, days)
        if why:
            left_out.append(LeftOut(slot, part.matter.title, str(why), part.matter.title_en, why.en))
        else:
            included.append(slot)
    copies = tuple(copy for slot in included for copy in _copies(book, book.parts[slot], answers))
    after = {copy.slot: _after(copy, copies, book) for copy in copies}
    schedule = _order.schedule({copy.slot: days[copy.book.matter.id] for copy in copies}, after)
    return Arrangement(copies, tuple(left_out), after, schedule)


def arrangement(book: Book, answers: Answers, plan: PlanView) -> Arrangement:
    """The arrangement behind a plan."""
    return arrange(book, answers, {part.matter_id: part.promised.n for part in plan.parts})


def book_days(book: Book, matter_id: str) -> Limit:
    return next(part.matter.promised for part in book.parts.values() if part.matter.id == matter_id)


def data_of(book: Book, part: PartPlan | Copy, answers: Answers) -> dict[str, Any]:
    """What the one form says for one part: the matter's own fields under the matter's own names."""
    origin = book.part_of(part.slot)
    per = origin.part.per
    flat = {name: value for name, value in answers.items() if not isinstance(value, list) or name != per}
    if per is not None and part.index is not None:
        flat |= answers[per][part.index]
    elif children := _repeated(book, answers):
        # A matter of the family takes what all children share from the first.
        flat = children[0] | flat
    return {o.field.name: flat[o.union] for o in origin.origins if o.union and o.union in flat}


def _why_not(part: PartBook, answers: Answers, included: list[str], days: Mapping[str, int]) -> Text | None:
    """Why a part is not in this filing; None when it is. An answer that is not there decides against it."""
    if part.when is not None and part.when.evaluate(answers) is not True:
        return part.part.otherwise or _NOT_NEEDED
    if any(need.part not in included for need in part.part.needs):
        return part.part.otherwise or _WAITS_FOR_NOTHING
    return None if part.matter.id in days else _NOBODY


def _copies(book: Book, part: PartBook, answers: Answers) -> Iterator[Copy]:
    per, slot = part.part.per, part.part.slot
    if per is None:
        yield Copy(slot, part, None, "")
        return
    entries = answers.get(per) or []
    for n, entry in enumerate(entries):
        yield Copy(f"{slot}-{n + 1}" if len(entries) > 1 else slot, part, n, str(entry.get(book.body.subject, "")))


def _after(copy: Copy, copies: tuple[Copy, ...], book: Book) -> tuple[str, ...]:
    """Slots to wait for: of the same child where both are done for each child, otherwise of all."""
    included = {other.part for other in copies}
    names = _before(copy.part, included, book)
    return tuple(
        other.slot
        for other in copies
        if other.part in names and (copy.index is None or other.index is None or copy.index == other.index)
    )


def _before(slot: str, included: set[str], book: Book) -> set[str]:
    """Parts to wait for; in place of one that is left out, those that it would have waited for."""
    found: set[str] = set()
    for name in book.parts[slot].part.after:
        found |= {name} if name in included else _before(name, included, book)
    return found


def _part(copy: Copy, here: ImplementationView, made: Arrangement) -> PartPlan:
    matter = copy.book.matter
    return PartPlan(
        slot=copy.slot,
        part=copy.book.part.slot,
        matter_id=matter.id,
        implementation_id=here.id,
        version_id=here.version_id,
        title=here.name,
        title_en=here.name_en,
        org_id=here.org_id or 0,
        org_name=here.org_name,
        after=made.after[copy.slot],
        statutory=here.statutory or matter.statutory,
        promised=here.promised or matter.promised,
        starts_on_day=made.schedule.starts[copy.slot],
        ends_on_day=made.schedule.ends[copy.slot],
        index=copy.index,
        subject=copy.subject,
    )


def _repeated(book: Book, answers: Answers) -> list[dict[str, Any]]:
    per = next((part.part.per for part in book.parts.values() if part.part.per), None)
    return list(answers.get(per) or []) if per else []
