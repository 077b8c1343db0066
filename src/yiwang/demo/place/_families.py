"""Families of the demo place who file: taken from its registers, with accounts opened as any resident opens one."""

import io
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from PIL import Image

from yiwang.data.registries import queries as registries
from yiwang.data.registries.contracts import PersonRecord
from yiwang.demo.place._play_kinds import FamilyPart
from yiwang.demo.place.kinds import Names
from yiwang.kernel.base.codes import is_mobile
from yiwang.kernel.base.contracts import ANONYMOUS, Actor
from yiwang.kernel.cases import queries as cases
from yiwang.kernel.cases.contracts import CaseView
from yiwang.kernel.files import actions as files
from yiwang.kernel.orgs import queries as orgs
from yiwang.kernel.people import queries as people
from yiwang.services.applications.contracts import MaterialInput, Wanted
from yiwang.services.journeys import actions as journeys
from yiwang.support.login import actions as login
from yiwang.support.login.contracts import Purpose

AGES = (22, 40)
MALE = "1"


@dataclass(frozen=True, slots=True)
class Mother:
    """A registered woman who has or may open an account."""

    person: PersonRecord
    party_id: int | None
    account_id: int | None


def mothers(at: datetime, *, without: set[str]) -> Iterator[Mother]:
    """Women of the register in its order, less those named in `without`; the first ones filed already."""
    after, today = 0, at.date()
    span = (today.replace(year=today.year - AGES[1], day=1), today.replace(year=today.year - AGES[0], day=1))
    while found := registries.women_born(*span, after=after):
        after = found[-1][0]
        for _, person in found:
            if person.id_number in without or not is_mobile(person.phone):
                continue
            party = people.find_party(person.id_number)
            account = people.account_of_party(party.id) if party else None
            yield Mother(person, party.id if party else None, account.id if account else None)


def enter(mother: Mother, *, password: str, at: datetime) -> Actor:
    """The mother signed in; she opens an account by a code to her phone if she has none."""
    if mother.account_id is not None:
        return people.actor_of(mother.account_id, at=at)
    phone = mother.person.phone
    code = login.send_code(phone=phone, purpose=Purpose.REGISTER, by=ANONYMOUS, at=at)
    account = login.register(
        name=mother.person.name,
        id_number=mother.person.id_number,
        phone=phone,
        code=code,
        password=password,
        by=ANONYMOUS,
        at=at,
    )
    return people.actor_of(account.id, at=at)


def file(
    mother: Mother, family: FamilyPart, names: Names, journey: str, *, by: Actor, chance: random.Random, at: datetime
) -> CaseView:
    """File the one-thing as this kind of family does, with a picture for each material asked."""
    region = mother.person.region_code[:6] + "000000"
    answers = _answers(mother.person, family, names, region, chance, at)
    checked = journeys.check(journey_id=journey, region_code=region, answers=answers, by=by, at=at)
    case = journeys.file(
        journey_id=journey,
        region_code=region,
        answers=answers,
        materials={each.key: _picture(each, by, at) for each in checked.wanted if each.key not in checked.held},
        once=f"demo-{mother.person.subject_key[:24]}-{at:%Y%m%d%H%M%S}",
        by=by,
        at=at,
    )
    return cases.peek(case.id, at=at)


def _answers(
    person: PersonRecord, family: FamilyPart, names: Names, region: str, chance: random.Random, at: datetime
) -> dict[str, Any]:
    marriage = registries.marriage_of(person.subject_key)
    husband = registries.find_person(marriage.spouse_of(person.subject_key)) if marriage else None
    has_father = husband is not None and not family.single
    head = registries.household_of(person.subject_key).record.head_key
    is_parents = head in {person.subject_key, *([husband.subject_key] if husband and has_father else [])}
    surname = (husband.name if husband and has_father else person.name)[0]
    born_at = at - timedelta(days=family.born_days_ago or chance.randrange(2, 25), minutes=chance.randrange(600))
    answers: dict[str, Any] = {
        "children": [_child(names, surname, family, person, chance, born_at) for _ in range(family.children)],
        "institution": orgs.handling("hospital", region).name,
        "mother_phone": person.phone,
        "has_father": has_father,
        "register_here": True,
        "settle_with": "mother",
        "householder_is_parent": is_parents,
        "household_kind": "1",
        "card_bank": "102",
        "wants_benefit": False,
        "wants_guidance": False,
        "delivery_wanted": True,
        "delivery_recipient": person.name,
        "delivery_phone": person.phone,
        "delivery_address": person.address,
        "informed": True,
    }
    answers |= {"parents_married": True} if has_father else {}
    answers |= {} if is_parents else {"head_consents": True}
    answers |= dict(family.changes)
    answers |= {"account_name": person.name} if answers["wants_benefit"] else {}
    if not answers["register_here"]:
        gone = ("settle_with", "householder_is_parent", "household_kind", "head_consents", "card_bank")
        answers = {name: value for name, value in answers.items() if name not in gone}
    return answers


def _child(
    names: Names, surname: str, family: FamilyPart, person: PersonRecord, chance: random.Random, born_at: datetime
) -> dict[str, Any]:
    sex = chance.choice("12")
    given = chance.choice(names.rare) if family.rare else names.given(chance, male=sex == MALE)
    return {
        "child_name": surname + given,
        "child_sex": sex,
        "child_born_at": f"{born_at:%Y-%m-%dT%H:%M}",
        "child_ethnicity": person.ethnicity,
    }


def _picture(wanted: Wanted, by: Actor, at: datetime) -> MaterialInput:
    stream = io.BytesIO()
    Image.new("RGB", (358, 441), "white").save(stream, "PNG")
    stream.seek(0)
    kept = files.store(
        stream=stream,
        filename="photo.png",
        purpose="application-material",
        owner_party_id=by.party_id,
        by=by,
        at=at,
    )
    return MaterialInput(file_id=kept.id)
