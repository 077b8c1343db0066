"""One number, one picture: everything that grew out of one matter, as a tree."""

from datetime import datetime

from yiwang.kernel.cases import queries as cases
from yiwang.kernel.cases.contracts import CaseView, FamilyView, Lamp
from yiwang.kernel.orgs import queries as orgs
from yiwang.portal.staff.contracts import Branch

GRAVEST = (Lamp.RED, Lamp.YELLOW, Lamp.GREEN)


def tree(case: CaseView, *, at: datetime) -> tuple[Branch, ...]:
    """The root and everything below it, children after their parent; nothing for a case that stands alone."""
    family = cases.family(case.root_id, at=at)
    found = [family.root, *(slot.case for slot in family.slots if slot.case is not None)]
    if len(found) == 1:
        return ()
    rows = cases.open_rows([each.id for each in found], at=at)
    names = orgs.named(each.org_id for each in found)

    def branch(each: CaseView, depth: int) -> Branch:
        open_ = rows.get(each.id, [])
        lamps = {row.lamp for row in open_}
        return Branch(
            depth=depth,
            case=each,
            kind=cases.kind(each.kind).name,
            unit=names[each.org_id].short_name,
            steps="、".join(dict.fromkeys(row.step_name for row in open_)),
            lamp=next((lamp for lamp in GRAVEST if lamp in lamps), Lamp.NONE if each.is_open else Lamp.DONE),
            due_at=min((row.due_at for row in open_ if row.due_at), default=None),
        )

    return tuple(branch(each, depth) for each, depth in _walk(family))


def _walk(family: FamilyView) -> list[tuple[CaseView, int]]:
    below: dict[int, list[CaseView]] = {}
    for slot in family.slots:
        if slot.case is not None:
            below.setdefault(slot.parent_id, []).append(slot.case)
    found: list[tuple[CaseView, int]] = []
    waiting = [(family.root, 0)]
    while waiting:
        case, depth = waiting.pop()
        found.append((case, depth))
        waiting += [(each, depth + 1) for each in reversed(below.get(case.id, []))]
    return found
