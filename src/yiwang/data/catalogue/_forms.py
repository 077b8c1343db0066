"""What somebody typed into the pages of the catalogue, as contracts. What is not known is left out or taken as the first choice."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, TypeVar

from django.http import QueryDict

from yiwang.data.catalogue.contracts import (
    Content,
    Cycle,
    Filter,
    Grade,
    ItemView,
    NewData,
    Opening,
    Shape,
    Sharing,
    State,
    Way,
)

Kind = TypeVar("Kind", bound=StrEnum)
ROWS_MAX, BLANK_ROWS, CENSUS_ROWS = 400, 3, 8


def chosen(kind: type[Kind], text: str) -> Kind | None:
    return kind(text) if text in {each.value for each in kind} else None


def filters(given: QueryDict) -> Filter:
    org = given.get("org", "")
    state = chosen(State, given.get("state", ""))
    return Filter(
        text=given.get("q", "").strip()[:60],
        org_id=int(org) if org.isdecimal() and len(org) < 12 else None,
        sharing=chosen(Sharing, given.get("sharing", "")),
        opening=chosen(Opening, given.get("opening", "")),
        update_cycle=chosen(Cycle, given.get("cycle", "")),
        element_id=given.get("element", "")[:120],
        gap=given.get("gap", "")[:20],
        state=state or State.IN_FORCE,
    )


def content(given: QueryDict, before: Content | None) -> Content:
    """What the page does not ask for stays as it was."""
    text: Mapping[str, str] = {name: given.get(name, "").strip()[:2000] for name in _TEXTS}
    return Content(
        **text,
        items=items(given),
        system=given.get("system", "")[:120],
        shape=chosen(Shape, given.get("shape", "")) or Shape.DATABASE,
        sharing=chosen(Sharing, given.get("sharing", "")) or Sharing.CONDITIONAL,
        ways=tuple(way for way in Way if way.value in given.getlist("ways")),
        opening=chosen(Opening, given.get("opening", "")) or Opening.CLOSED,
        update_cycle=chosen(Cycle, given.get("update_cycle", "")) or Cycle.IRREGULAR,
        grade=chosen(Grade, given.get("grade", "")) or Grade.GENERAL_2,
        keywords=tuple(given.get("keywords", "").replace("，", " ").replace("、", " ").split())[:20],
        matters=before.matters if before else (),
        lake_table=before.lake_table if before else "",
    )


def items(given: QueryDict) -> tuple[ItemView, ...]:
    """Rows without a title and a name are rows that nobody filled."""
    found = []
    for number in range(ROWS_MAX):
        row: dict[str, Any] = {
            name: given.get(f"item-{number}-{name}", "").strip()[:200] for name in ("name", "title", "element", "note")
        }
        if not row["name"] and not row["title"]:
            if f"item-{number}-name" not in given:
                break
            continue
        length = given.get(f"item-{number}-length", "")
        found.append(
            ItemView(
                row["name"],
                row["title"],
                row["element"],
                given.get(f"item-{number}-type", "text")[:12],
                int(length) if length.isdecimal() and 0 < len(length) < 7 else None,
                f"item-{number}-key" in given,
                given.get(f"item-{number}-sensitivity", "general")[:10],
                row["note"],
            )
        )
    return tuple(found)


def added(given: QueryDict) -> list[NewData]:
    """The filled rows of a census form."""
    found = []
    for number in range(1, CENSUS_ROWS + 1):
        title, summary = (given.get(f"{name}-{number}", "").strip()[:2000] for name in ("title", "summary"))
        if title or summary:
            cycle = chosen(Cycle, given.get(f"cycle-{number}", "")) or Cycle.IRREGULAR
            found.append(NewData(title, summary, cycle))
    return found


_TEXTS = ("title", "summary", "sharing_condition", "refusal_basis", "opening_condition", "contact", "phone")
