"""Creates the bodies and accounts of a demo place from its pack."""

import random
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.contrib.auth.hashers import make_password

from yiwang.data.registries.contracts import (
    EnrolmentRecord,
    HouseholdRecord,
    LegalPersonRecord,
    MarriageRecord,
    PersonRecord,
)
from yiwang.demo.place._firms import credit_code
from yiwang.demo.place._population import (
    HEAD,
    MALE,
    SPOUSE,
    Batch,
    Village,
)
from yiwang.demo.place.kinds import DemoPlace, Names, OrganisationPart, ResidentPart
from yiwang.kernel.base.codes import id_check_digit
from yiwang.kernel.base.contracts import Actor
from yiwang.kernel.base.sealing import sealed_index
from yiwang.kernel.orgs import actions as orgs
from yiwang.kernel.orgs.contracts import NewOrganisation, NewRegion, OrgView
from yiwang.kernel.people import actions as people
from yiwang.kernel.people import queries as people_read
from yiwang.kernel.people.contracts import AccountKind, AccountView, IdType, MandateKind, PartyKind

OPENED_ON = date(2019, 1, 1)
_TOWN, _VILLAGE = "{county}{town:03d}000", "{county}{town:03d}{village:03d}"


@dataclass(frozen=True, slots=True)
class Divisions:
    """All divisions of a place, and its villages for dwelling in."""

    regions: tuple[NewRegion, ...]
    villages: tuple[Village, ...]

    def village(self, name: str) -> Village:
        return next(village for village in self.villages if village.name == name)


def divisions(place: DemoPlace) -> Divisions:
    """Codes for towns and villages in the order of the pack: 街道 001…, 镇乡 100…; 社区 001…, 村 200…."""
    regions, villages = [], []
    for region in place.regions:
        regions.append(NewRegion(region.code, region.name))
        for town_no, (town, names) in enumerate(region.towns.items(), start=1):
            number = town_no if town.endswith("街道") else 99 + town_no
            county = region.code[:6]
            regions.append(NewRegion(_TOWN.format(county=county, town=number), town))
            for village_no, name in enumerate(names, start=1):
                village = village_no if name.endswith("社区") else 199 + village_no
                code = _VILLAGE.format(county=county, town=number, village=village)
                regions.append(NewRegion(code, name))
                villages.append(Village(code, name))
    return Divisions(tuple(regions), tuple(villages))


def create_bodies(*, place: DemoPlace, made: Divisions, by: Actor, at: datetime) -> list[OrgView]:
    """Regions and organisations; a body stands below the government of its own region."""
    orgs.create_regions(regions=list(made.regions), by=by, at=at)
    names = {region.code: region.name for region in made.regions}
    governments: dict[str, str] = {}
    bodies: list[NewOrganisation] = []
    for part in place.organisations:
        for code in part.regions:
            uscc = credit_code(kind="11", county=code[:6], serial=10_000_000 + len(bodies) + 1)
            if part.kind == "government":
                governments[code] = uscc
            bodies.append(_body(part, code, uscc, names, governments, place.centres.get(code)))
    return orgs.create_many(organisations=bodies, by=by, at=at)


def create_staff(*, place: DemoPlace, names: Names, bodies: list[OrgView], by: Actor, at: datetime) -> int:
    """One account for each staff entry of each body, all with the demo password; returns how many."""
    password = make_password(place.password)
    parts = {(part.kind, code): part for part in place.organisations for code in part.regions}
    made = 0
    for body in bodies:
        for staff in parts[body.kind, body.region_code].staff:
            made += 1
            username = f"{place.aliases[body.region_code]}.{staff.suffix}"
            account = people.create_account(
                kind=AccountKind.STAFF,
                username=username,
                name=names.somebody(random.Random(username)),
                password_hash=password,
                by=by,
                at=at,
            )
            people.appoint(
                account_id=account.id,
                org_id=body.id,
                post_type=staff.post,
                title=staff.title.replace("（AB岗）", ""),
                since=OPENED_ON,
                is_backup=staff.backup,
                by=by,
                at=at,
            )
    return made


def create_residents(*, place: DemoPlace, by: Actor, at: datetime) -> dict[str, AccountView]:
    """Accounts of the named residents, and the mandates among them."""
    password = make_password(place.password)
    accounts: dict[str, AccountView] = {}
    numbers = id_numbers(place)
    for resident in place.residents:
        party = people.ensure_party(
            kind=PartyKind.PERSON,
            name=resident.name,
            id_type=IdType.CITIZEN_ID,
            id_number=numbers[resident.username],
            phone=resident.phone,
            by=by,
            at=at,
        )
        accounts[resident.username] = people.create_account(
            kind=AccountKind.RESIDENT,
            username=resident.username,
            party_id=party.id,
            password_hash=password,
            by=by,
            at=at,
        )
    for mandate in place.mandates:
        people.grant_mandate(
            kind=MandateKind.HELPER,
            principal_id=accounts[mandate.principal].party_id or 0,
            agent_id=accounts[mandate.agent].id,
            scope=["*"],
            starts_on=at.date(),
            ends_on=at.date() + timedelta(days=365),
            document_no=mandate.document_no,
            by=by,
            at=at,
        )
    _firm_agents(place, accounts, by=by, at=at)
    return accounts


def _firm_agents(place: DemoPlace, accounts: dict[str, AccountView], *, by: Actor, at: datetime) -> None:
    for number, firm in enumerate(place.firms):
        party = people.ensure_party(
            kind=PartyKind.FIRM,
            name=firm.name,
            id_type=IdType.USCC,
            id_number=_firm_code(place, number),
            phone="",
            by=by,
            at=at,
        )
        people.grant_mandate(
            kind=MandateKind.FIRM_AGENT,
            principal_id=party.id,
            agent_id=accounts[firm.agent].id,
            scope=["*"],
            starts_on=at.date(),
            ends_on=at.date() + timedelta(days=365),
            document_no=firm.document_no,
            by=by,
            at=at,
        )


def _firm_code(place: DemoPlace, number: int) -> str:
    """Serials just below those of the generated firms."""
    county = divisions(place).village(place.firms[number].village).code[:6]
    return credit_code(kind="91", county=county, serial=29_999_900 + number)


def firm_records(*, place: DemoPlace, made: Divisions) -> list[LegalPersonRecord]:
    """Registry records of the named firms."""
    numbers = id_numbers(place)
    leaders = {r.username: r for r in place.residents}
    found = []
    for number, firm in enumerate(place.firms):
        village, leader = made.village(firm.village), leaders[firm.representative]
        found.append(
            LegalPersonRecord(
                uscc=_firm_code(place, number),
                name=firm.name,
                kind="个人独资企业",
                legal_representative=leader.name,
                representative_key=sealed_index(numbers[leader.username]),
                region_code=village.code,
                address=f"{village.name}{number + 1}号",
                industry=firm.industry,
                established_on=firm.established_on,
                capital_fen=10_000_000,
            )
        )
    return found


def resident_records(*, place: DemoPlace, made: Divisions) -> Batch:
    """Registry records of the named residents; couples share a household book."""
    batch = Batch()
    known = id_numbers(place)
    numbers = {r.username: n for n, r in enumerate(place.residents, start=1)}
    partner_of = {r.spouse: r.username for r in place.residents if r.spouse}
    by_name = {r.username: r for r in place.residents}
    for resident in place.residents:
        other = by_name.get(resident.spouse or partner_of.get(resident.username, ""))
        is_head = other is None or resident.sex == MALE
        head = resident if is_head or other is None else other
        village = made.village(resident.village)
        person = _person(resident, known[resident.username], numbers, head, village)
        batch.people.append(person)
        batch.enrolments.append(
            EnrolmentRecord(person.subject_key, resident.scheme, village.code[:6] + "000000", OPENED_ON)
        )
        if is_head:
            batch.households.append(_household(person, village))
            if other is not None:
                wife = sealed_index(known[other.username])
                batch.marriages.append(_marriage(person, wife, numbers[resident.username]))
    return batch


def id_numbers(place: DemoPlace) -> dict[str, str]:
    """Citizen numbers of the named residents by their user names."""
    made = divisions(place)
    return {
        resident.username: _id_number(resident, made.village(resident.village), number)
        for number, resident in enumerate(place.residents, start=1)
    }


def _id_number(resident: ResidentPart, village: Village, number: int) -> str:
    """Serials below 100 are left to named residents by the generator; odd for men."""
    serial = 2 * number + (1 if resident.sex == MALE else 0)
    first = f"{village.code[:6]}{resident.born_on:%Y%m%d}{serial:03d}"
    return first + id_check_digit(first)


def is_created(place: DemoPlace) -> bool:
    """Whether the first named resident already has an account."""
    first = place.residents[0].username
    return bool(people_read.accounts_named(id_numbers(place)[first]))


def _body(
    part: OrganisationPart,
    code: str,
    uscc: str,
    names: dict[str, str],
    governments: dict[str, str],
    centre: tuple[float, float] | None,
) -> NewOrganisation:
    region = names[code]
    above = next((g for c, g in governments.items() if c.endswith("00000000") and c != code), None)
    lon, lat = (
        (round(centre[0] + part.offset[0], 5), round(centre[1] + part.offset[1], 5))
        if centre and part.offset
        else (None, None)
    )
    own = governments.get(code) or governments.get(code[:6] + "000000")
    parent = own if part.kind != "government" else above
    return NewOrganisation(
        uscc=uscc,
        name=part.name.format(region=region),
        short_name=part.short.format(region=region),
        doc_mark=part.mark.format(mark=_mark(region)),
        kind=part.kind,
        region_code=code,
        parent_uscc=parent,
        phone=part.phone,
        supervision_phone="0990-8000017",
        address=part.address.format(region=region),
        lon=lon,
        lat=lat,
        is_demo=True,
        opened_on=OPENED_ON,
    )


def _mark(region: str) -> str:
    """机关代字: 安澜市 → 安, 澜东区 → 澜东, 临澜县 → 临."""
    return region[:2] if region.endswith("区") else region[0]


def _person(
    resident: ResidentPart,
    id_number: str,
    numbers: dict[str, int],
    head: ResidentPart,
    village: Village,
) -> PersonRecord:
    return PersonRecord(
        id_number=id_number,
        name=resident.name,
        sex=resident.sex,
        born_on=resident.born_on,
        ethnicity="01",
        region_code=village.code,
        address=f"{village.name}{numbers[head.username] * 8}号",
        household_no=f"{village.code[:6]}9{numbers[head.username]:08d}",
        relation=HEAD if resident is head else SPOUSE,
        phone=resident.phone,
        registered_on=OPENED_ON,
        subject_key=sealed_index(id_number),
    )


def _household(head: PersonRecord, village: Village) -> HouseholdRecord:
    return HouseholdRecord(
        book_no=head.household_no,
        kind="family",
        region_code=village.code,
        address=head.address,
        head_key=head.subject_key,
        registered_on=OPENED_ON,
    )


def _marriage(husband: PersonRecord, wife_key: str, number: int) -> MarriageRecord:
    county = husband.region_code[:6]
    return MarriageRecord(
        certificate_no=f"J{county}-2021-0000{number:02d}",
        husband_key=husband.subject_key,
        wife_key=wife_key,
        registered_on=date(2021, 5, 20),
        office=county,
    )
