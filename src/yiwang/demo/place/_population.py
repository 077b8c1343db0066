"""Made-up households, deterministic by seed, with the gaps that real registers have.

Not a model of any real place: shares and ages are round figures chosen to give every list some life.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta

from yiwang.data.registries.contracts import (
    EnrolmentRecord,
    HouseholdRecord,
    KinshipRecord,
    MarriageRecord,
    PersonRecord,
)
from yiwang.demo.place.kinds import Names
from yiwang.kernel.base.codes import id_check_digit
from yiwang.kernel.base.sealing import sealed_index

MALE, FEMALE = "1", "2"
HEAD, SPOUSE, SON, DAUGHTER, FATHER, MOTHER, OTHER = "02", "10", "20", "30", "51", "52", "97"
_HAN = "01"


@dataclass(frozen=True, slots=True)
class Village:
    code: str
    name: str


@dataclass(slots=True)
class Batch:
    """Records of some households, ready for one bulk load."""

    households: list[HouseholdRecord] = field(default_factory=list)
    people: list[PersonRecord] = field(default_factory=list)
    marriages: list[MarriageRecord] = field(default_factory=list)
    kinships: list[KinshipRecord] = field(default_factory=list)
    enrolments: list[EnrolmentRecord] = field(default_factory=list)


class IdNumbers:
    """Allots ID numbers of a county and birthday in order; odd for men, even for women."""

    def __init__(self) -> None:
        self._last: dict[tuple[str, date, str], int] = {}

    def next(self, county: str, born_on: date, sex: str) -> str:
        key = (county, born_on, sex)
        # 000–099 are left to the records that a place file names itself.
        last = self._last.get(key, 99 if sex == MALE else 98)
        self._last[key] = last + 2
        first = f"{county}{born_on:%Y%m%d}{last + 2:03d}"
        return first + id_check_digit(first)


@dataclass(frozen=True, slots=True)
class _Slot:
    """One member to be: relation to the head, sex, age."""

    relation: str
    sex: str
    age: int


class Population:
    """Generates households village by village; the same seed gives the same people."""

    def __init__(self, *, villages: list[Village], names: Names, seed: int, today: date) -> None:
        self._villages = villages
        self._names = names
        self._random = random.Random(seed)
        self._today = today
        self._ids = IdNumbers()
        self._books = 0

    def batches(self, residents: int, *, size: int = 20_000) -> Iterator[Batch]:
        """Batches of about `size` people until at least `residents` are made."""
        made = 0
        while made < residents:
            batch = Batch()
            while len(batch.people) < min(size, residents - made):
                self._household(batch)
            made += len(batch.people)
            yield batch

    def _household(self, batch: Batch) -> None:
        village = self._random.choice(self._villages)
        self._books += 1
        book_no = f"{village.code[:6]}{self._books:09d}"
        collective = self._random.random() < 0.02
        slots = self._single() if collective else self._family()
        surname = self._names.surname(self._random)
        address = self._address(village)
        people = [self._person(slot, surname, village, book_no, address) for slot in slots]
        batch.people += people
        batch.households.append(
            HouseholdRecord(
                book_no=book_no,
                kind="collective" if collective else "family",
                region_code=village.code,
                address=address,
                head_key=people[0].subject_key,
                registered_on=self._today - timedelta(days=self._random.randrange(200, 9000)),
            )
        )
        self._relations(batch, people, village)

    def _single(self) -> list[_Slot]:
        return [_Slot(HEAD, self._random.choice((MALE, FEMALE)), self._random.randrange(19, 60))]

    def _family(self) -> list[_Slot]:
        age = self._random.randrange(23, 82)
        sex = MALE if self._random.random() < 0.72 else FEMALE
        slots = [_Slot(HEAD, sex, age)]
        if self._random.random() < 0.24:
            return slots
        spouse_age = max(22, age + self._random.randrange(-5, 4))
        slots.append(_Slot(SPOUSE, FEMALE if sex == MALE else MALE, spouse_age))
        mother_age = age if sex == FEMALE else spouse_age
        slots += self._children(mother_age)
        if age < 55 and self._random.random() < 0.3:
            slots += [_Slot(FATHER, MALE, age + 27), _Slot(MOTHER, FEMALE, age + 25)]
        return slots

    def _children(self, mother_age: int) -> list[_Slot]:
        ages = [mother_age - 24 - gap for gap in (0, 4, 7)][: self._random.choice((0, 1, 1, 2, 2, 3))]
        sexes = (self._random.choice((MALE, FEMALE)) for _ in ages)
        return [
            _Slot(SON if sex == MALE else DAUGHTER, sex, age)
            for sex, age in zip(sexes, ages, strict=True)
            if 0 <= age < 30
        ]

    def _person(self, slot: _Slot, surname: str, village: Village, book_no: str, address: str) -> PersonRecord:
        days = slot.age * 365 + self._random.randrange(365)
        born_on = self._today - timedelta(days=days)
        own = surname if slot.relation not in (SPOUSE, MOTHER) else self._names.surname(self._random)
        id_number = self._ids.next(village.code[:6], born_on, slot.sex)
        return PersonRecord(
            id_number=id_number,
            name=own + self._names.given(self._random, male=slot.sex == MALE),
            sex=slot.sex,
            born_on=born_on,
            ethnicity=_HAN if self._random.random() < 0.94 else self._names.minority(self._random),
            region_code=village.code,
            address=address if self._random.random() > 0.01 else address.replace("号", "－"),
            household_no=book_no,
            relation=slot.relation,
            phone=self._phone() if slot.age >= 14 and self._random.random() > 0.06 else "",
            registered_on=born_on + timedelta(days=30),
            subject_key=sealed_index(id_number),
        )

    def _relations(self, batch: Batch, people: list[PersonRecord], village: Village) -> None:
        by_relation = {person.relation: person for person in people}
        head, spouse = people[0], by_relation.get(SPOUSE)
        # One couple in eight married elsewhere: no certificate in the local register.
        if spouse is not None and self._random.random() > 0.125:
            batch.marriages.append(self._marriage(head, spouse, village))
        parents = [person for person in (head, spouse) if person is not None]
        for person in people:
            if person.relation in (SON, DAUGHTER):
                batch.kinships += [KinshipRecord(parent.subject_key, person.subject_key) for parent in parents]
            if self._random.random() < 0.95:
                batch.enrolments.append(self._enrolment(person, village))

    def _marriage(self, head: PersonRecord, spouse: PersonRecord, village: Village) -> MarriageRecord:
        husband, wife = (head, spouse) if head.sex == MALE else (spouse, head)
        adult_on = max(head.born_on, spouse.born_on) + timedelta(days=23 * 365)
        year = min(adult_on, self._today).year
        return MarriageRecord(
            certificate_no=f"J{village.code[:6]}-{year}-{self._books:09d}",
            husband_key=husband.subject_key,
            wife_key=wife.subject_key,
            registered_on=min(adult_on, self._today),
            office=village.code[:6],
        )

    def _enrolment(self, person: PersonRecord, village: Village) -> EnrolmentRecord:
        age = (self._today - person.born_on).days // 365
        employee = age >= 22 and self._random.random() < 0.45
        return EnrolmentRecord(
            subject_key=person.subject_key,
            scheme="medical-employee" if employee else "medical-resident",
            region_code=village.code[:6] + "000000",
            since=max(person.born_on, date(2010, 1, 1)),
        )

    def _address(self, village: Village) -> str:
        number = self._random.randrange(1, 400)
        room = f"{self._random.randrange(1, 30)}号楼{self._random.randrange(101, 2005)}室"
        return f"{village.name}{number}号" + (room if self._random.random() < 0.6 else "")

    def _phone(self) -> str:
        head = self._random.choice(("133", "135", "136", "138", "139", "150", "158", "176", "186"))
        return f"{head}{self._random.randrange(10**8):08d}"
