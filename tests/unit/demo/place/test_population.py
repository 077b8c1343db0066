"""The generator gives right codes, plausible families, and the same people for the same seed."""

from datetime import date

from stdnum.cn import uscc

from yiwang.demo.place._firms import credit_code, firms
from yiwang.demo.place._population import HEAD, SPOUSE, Batch, Population, Village
from yiwang.demo.place.kinds import Names
from yiwang.kernel.base.codes import is_id_number

TODAY = date(2026, 11, 21)
VILLAGES = [Village("990102001001", "望湖社区"), Village("990103002003", "货场社区")]
NAMES = Names(
    kind="Names",
    id="test.names",
    title="用字",
    city="安澜",
    surnames="王李张刘陈",
    compound_surnames=["欧阳"],
    male="伟强磊军洋",
    female="芳娜敏静秀",
    rare="䶮",
    minorities=["03"],
    brands="恒瑞安泰",
    trades={"餐饮": "餐饮业"},
)


def made(seed: int = 7, residents: int = 3000) -> Batch:
    population = Population(villages=VILLAGES, names=NAMES, seed=seed, today=TODAY)
    (batch,) = population.batches(residents)
    return batch


def test_the_same_seed_gives_the_same_people() -> None:
    assert made() == made()
    assert made(seed=8).people != made().people


def test_every_id_number_is_right_and_used_once() -> None:
    people = made().people
    assert all(is_id_number(person.id_number) for person in people)
    assert len({person.id_number for person in people}) == len(people)
    assert all(int(p.id_number[16]) % 2 == int(p.sex) % 2 for p in people)


def test_every_household_has_one_head_and_spouses_are_of_age() -> None:
    batch = made()
    by_book: dict[str, list[str]] = {}
    for person in batch.people:
        by_book.setdefault(person.household_no, []).append(person.relation)
    assert all(relations.count(HEAD) == 1 for relations in by_book.values())
    spouses = [p for p in batch.people if p.relation == SPOUSE]
    assert spouses
    assert all((TODAY - p.born_on).days >= 22 * 365 for p in spouses)


def test_some_couples_have_no_local_certificate_and_some_people_no_phone() -> None:
    batch = made()
    couples = sum(p.relation == SPOUSE for p in batch.people)
    assert 0 < len(batch.marriages) < couples
    assert any(not p.phone for p in batch.people)


def test_firms_carry_right_credit_codes() -> None:
    rows = list(firms(count=50, villages=VILLAGES, representatives=made().people, names=NAMES, seed=7, today=TODAY))
    assert len({row.uscc for row in rows}) == 50
    assert all(uscc.is_valid(row.uscc) for row in rows)
    assert uscc.is_valid(credit_code(kind="11", county="990102", serial=5))
