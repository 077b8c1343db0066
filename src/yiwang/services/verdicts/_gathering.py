"""The facts of one case for one rule: asked of registers under a purpose, read from answers, materials and certificates."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from yiwang.kernel.audit import actions as audit
from yiwang.kernel.base.contracts import Actor
from yiwang.kernel.cases.contracts import CaseView
from yiwang.kernel.forms import actions as forms
from yiwang.kernel.forms.contracts import Subject
from yiwang.kernel.people import queries as people
from yiwang.kernel.people.contracts import PartyView
from yiwang.kernel.workdays import queries as workdays
from yiwang.services.applications.contracts import Basics, MaterialStatus, MaterialView
from yiwang.services.verdicts.contracts import Gathered
from yiwang.services.verdicts.kinds import InstantDecision
from yiwang.support.licences import queries as licences

# How many digits of a division's code two places of one city, or of one county, have in common.
_SAME = {"same-city": 4, "same-county": 6}
# What nobody has to look at.
SETTLED = frozenset({MaterialStatus.VERIFIED, MaterialStatus.GENERATED, MaterialStatus.NOT_NEEDED})


def gather(
    decision: InstantDecision, case: CaseView, basics: Basics, materials: list[MaterialView], *, by: Actor, at: datetime
) -> Gathered:
    """Every fact that could be had; what no source knows is left out. Each look is disclosed to whom it is about."""
    party = people.party(case.applicant_id or 0)
    purpose, authority = f"系统自动审批{case.title}", str(decision.title)
    asked = decision.sources("register", *_SAME)
    looked = forms.look_up(
        subject=Subject(party.id, party.id_number, party.kind.value),
        wanted=set(asked.values()),
        purpose=purpose,
        authority=authority,
        case_number=case.number,
        by=by,
        at=at,
    )
    answers = {fact: basics.answers.get(field) for fact, field in decision.sources("answer").items()}
    states = {each.key: each.status for each in materials}
    facts: dict[str, Any] = {
        **{fact: looked.facts[element].value for fact, element in asked.items() if element in looked.facts},
        **{fact: value for fact, value in answers.items() if value not in (None, "")},
        **{fact: states[key] in SETTLED for fact, key in decision.sources("material").items() if key in states},
        **_held(decision.sources("licence"), party, case, purpose, authority, by=by, at=at),
    }
    for kind, digits in _SAME.items():
        facts |= {
            fact: str(facts[fact])[:digits] == case.region_code[:digits]
            for fact in decision.sources(kind)
            if fact in facts
        }
    sources = {fact: decision.facts[fact].partition(":")[0] for fact in facts}
    sources |= {fact: looked.facts[element].source for fact, element in asked.items() if fact in facts}
    return Gathered(facts, sources, looked.silent)


def _held(
    wanted: Mapping[str, str],
    party: PartyView,
    case: CaseView,
    purpose: str,
    authority: str,
    *,
    by: Actor,
    at: datetime,
) -> dict[str, bool]:
    """Whether the applicant holds a valid certificate of each type."""
    if not wanted:
        return {}
    held = licences.held(party.subject_key, set(wanted.values()), on=workdays.legal_day(at))
    audit.disclose(
        subject_key=party.subject_key,
        elements=[f"licence:{type_id}" for type_id in sorted(set(wanted.values()))],
        purpose=purpose,
        authority=authority,
        case_number=case.number,
        by=by,
        at=at,
    )
    return {fact: type_id in held for fact, type_id in wanted.items()}
