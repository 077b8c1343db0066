"""Licences as a source of facts for forms: what a certificate says need not be asked again."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from yiwang.kernel.base.contracts import Actor
from yiwang.kernel.base.fields import sealed_index
from yiwang.kernel.forms.contracts import Fact, Subject
from yiwang.kernel.workdays.contracts import LEGAL_TIME
from yiwang.support.licences import _rows
from yiwang.support.licences.kinds import LicenceTypePack
from yiwang.support.licences.models import Licence

NAME = "licences"
# Values that are about the licence's own subject; names and ID numbers on it may be anybody's.
FAMILIES = ("birth.*", "insurance.*", "social-security.*")
_PREFIXES = tuple(family.removesuffix("*") for family in FAMILIES)


class LicenceFacts:
    """Answers from the valid licences of which a subject is the holder; the newest wins.

    What somebody keeps for others says nothing here: a mother's form for her newborn must not be filled from the
    certificate of an older child.
    """

    def facts(
        self, subject: Subject, elements: set[str], *, purpose: str, case_number: str | None, by: Actor, at: datetime
    ) -> Mapping[str, Fact]:
        if not subject.id_number:
            return {}
        today = at.astimezone(LEGAL_TIME).date()
        rows = Licence.objects.filter(_rows.in_force(today), subject_key=sealed_index(subject.id_number)).order_by("id")
        found: dict[str, Fact] = {}
        for row in rows:
            found |= _told(row, elements)
        return found


def by_element(body: LicenceTypePack, row: Licence) -> dict[str, Any]:
    """Stored values by data element; an element that stands on the licence twice says nothing on its own."""
    often = Counter(rule.element for rule in body.fields)
    values = {
        rule.element: row.fields[rule.name]
        for rule in body.fields
        if rule.name in row.fields and often[rule.element] == 1
    }
    return values | ({body.number.element: row.number} if body.number.element else {})


def _told(row: Licence, elements: set[str]) -> dict[str, Fact]:
    values = by_element(_rows.type_of(row), row)
    return {
        name: Fact(value, NAME, row.issued_on)
        for name, value in values.items()
        if name in elements and name.startswith(_PREFIXES)
    }
