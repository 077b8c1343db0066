"""The demo place of the shipped packs can be made, and its people can do what the demo shows."""

from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from django.test import override_settings

from tests.standing import standing
from tests.world import place_packs
from yiwang.data.catalogue import queries as catalogue
from yiwang.data.ingest import queries as ingest
from yiwang.data.places import queries as places
from yiwang.data.quality import queries as quality
from yiwang.data.registries import queries as registered
from yiwang.data.scans import queries as scans
from yiwang.data.scans.contracts import Stand
from yiwang.demo.place import actions, queries
from yiwang.demo.place._play_kinds import DemoPlay
from yiwang.demo.place._registers import REGISTERS
from yiwang.demo.place.actions import AlreadySeeded
from yiwang.kernel.base.contracts import SYSTEM
from yiwang.kernel.base.outbox import drain
from yiwang.kernel.base.sealing import sealed_index
from yiwang.kernel.orgs import queries as orgs
from yiwang.kernel.packs import queries as packs
from yiwang.kernel.people import queries as people
from yiwang.kernel.people.contracts import MandateKind
from yiwang.kernel.people.models import Account
from yiwang.support.credit import actions as credit_actions
from yiwang.support.credit import queries as credit
from yiwang.support.credit.contracts import CannotRepair, RecordKind

AT = datetime(2026, 11, 21, 2, tzinfo=UTC)


@standing
def place() -> actions.Seeded:
    with TemporaryDirectory() as lake, override_settings(YIWANG_LAKE=Path(lake)), packs.using(place_packs()):
        return actions.seed(residents=300, firms=20, seed=1, by=SYSTEM, at=AT)


def test_counts_are_kept(place: actions.Seeded) -> None:
    assert place.people >= 300
    assert place.firms == 20
    assert registered.population()["people"] == place.people


def test_named_parents_are_a_married_household(place: actions.Seeded) -> None:
    (mother,) = people.accounts_named("mother")
    key = people.party(mother.party_id or 0).subject_key
    household = registered.household_of(key)
    assert [member.name for member in household.members] == ["周景行", "林知夏"]
    assert registered.marriage_of(key) is not None
    (single,) = people.accounts_named("single-mother")
    assert registered.marriage_of(people.party(single.party_id or 0).subject_key) is None


def test_a_census_runs_and_objections_wait_for_their_source(place: actions.Seeded) -> None:
    [census] = catalogue.censuses()
    assert census.asked > 10
    assert census.filled == 0
    drain()
    (steward,) = people.accounts_named("al.steward")
    waiting = quality.objections_waiting(people.actor_of(steward.id, at=AT))
    assert [resource for _, resource, _ in waiting] == ["户籍人口基本信息"] * 2


def test_persons_and_what_joins_them_come_from_departments_files(place: actions.Seeded) -> None:
    (mother,) = people.accounts_named("mother")
    key = people.party(mother.party_id or 0).subject_key
    with packs.using(place_packs()):
        file = registered.file("population", key)
        marriage = registered.marriage_of(key)
        assert marriage is not None
        certificate = registered.file("marriage", sealed_index(marriage.certificate_no))
    assert {each.source_title for each in file.values} == {"户籍人口（公安局）"}
    assert {each.snapshot for each in (*file.values, *certificate.values)} == {1}
    assert {(each.source_title, each.since) for each in certificate.values} == {
        ("婚姻登记（民政局）", marriage.registered_on)
    }
    assert marriage.known_on == AT.date()
    assert [each.scheme for each in registered.enrolments_of(key)]


def test_lines_of_the_departments_files_are_fit_but_for_the_planted_mistakes(place: actions.Seeded) -> None:
    told = {batch.source_id: (batch.read > 0, batch.quarantined, batch.unfit) for batch in ingest.batches().items}
    planted = {"anlan.source.residents": (1, 1), "anlan.source.households": (0, 0), "anlan.source.insured": (1, 0)}
    assert told == {each.source: (True, *planted.get(each.source, (0, 0))) for each in REGISTERS}


def test_planted_mistakes_are_found_and_wait_for_their_sources(place: actions.Seeded) -> None:
    with packs.using(place_packs()):
        problems = {(each.resource, each.rule): each.rows for each in quality.problems(SYSTEM).items}
    assert problems == {
        ("anlan.police.residents", "one-each"): 4,
        ("anlan.police.residents", "has-book"): 2,
        ("anlan.police.households", "one-each"): 2,
        ("anlan.police.households", "has-head"): 1,
        ("anlan.medical.enrolments", "a-resident"): 1,
    }


def test_boxes_of_old_paper_wait_for_the_records_clerks(place: actions.Seeded) -> None:
    waiting = {batch.form_title: batch.stands for batch in scans.batches_seen(SYSTEM).items}
    assert waiting == {
        "营业执照": {Stand.WAITING: 4}, "居民身份证": {Stand.WAITING: 2}, "老年人优待证发放登记簿": {Stand.WAITING: 1},
    }  # fmt: skip


def test_a_village_finds_its_own_county_bodies(place: actions.Seeded) -> None:
    (mother,) = people.accounts_named("mother")
    village = registered.person(people.party(mother.party_id or 0).subject_key).region_code
    assert orgs.handling("health", village).name == "澜东区卫生健康委员会"
    assert orgs.handling("data-bureau", village).name == "安澜市大数据局"


def test_staff_sit_at_posts_and_helpers_have_mandates(place: actions.Seeded) -> None:
    (clerk,) = people.accounts_named("ld.window1")
    (post,) = people.actor_of(clerk.id, at=AT).posts
    assert post.post_type == "window-clerk"
    (helper,) = people.accounts_named("agent")
    assert [m.document_no for m in people.mandates_of(helper.id, at=AT)]


def test_accounts_that_the_place_lacks_are_not_offered(place: actions.Seeded) -> None:
    (clerk,) = people.accounts_named("ld.window1")
    Account.objects.filter(pk=clerk.id).update(username="of-an-earlier-release")
    offered = {account.username for account in queries.sign_ins()}
    assert "mother" in offered
    assert "ld.window1" not in offered


def test_a_firm_has_an_agent_and_stands_in_the_register(place: actions.Seeded) -> None:
    (agent,) = people.accounts_named("agent")
    firm = next(m.principal_id for m in people.mandates_of(agent.id, at=AT) if m.kind is MandateKind.FIRM_AGENT)
    record = registered.find_legal_person(people.party(firm).uscc or "")
    assert record is not None
    assert (record.name, record.legal_representative, record.status) == ("安澜市清风美发店", "周景行", "open")


def test_offices_stand_inside_the_outline_of_their_region(place: actions.Seeded) -> None:
    for org in (orgs.handling("health", code) for code in ("990102000000", "990103000000", "990121000000")):
        with packs.using(place_packs()):
            (outline,) = orgs.boundaries([org.region_code])
        assert org.lon is not None
        assert org.lat is not None
        assert _is_inside((org.lon, org.lat), outline.rings[0]), org.name


def _is_inside(point: tuple[float, float], ring: tuple[tuple[float, float], ...]) -> bool:
    """Crossings of a ray to the east are odd."""
    x, y = point
    crossings = 0
    for (x1, y1), (x2, y2) in pairwise(ring):
        if (y1 > y) != (y2 > y) and x < (x2 - x1) * (y - y1) / (y2 - y1) + x1:
            crossings += 1
    return crossings % 2 == 1


def test_a_firm_can_use_its_credit_at_once(place: actions.Seeded) -> None:
    with packs.using(place_packs()):
        (agent,) = people.accounts_named("agent")
        held = next(m for m in people.mandates_of(agent.id, at=AT) if m.kind is MandateKind.FIRM_AGENT)
        by = people.actor_of(agent.id, held.id, at=AT)
        own = credit.own(by, on=AT.date())
        assert own.grade is not None
        assert {each.kind for each in own.records} >= {RecordKind.PENALTY, RecordKind.RED, RecordKind.COMMITMENT}
        ripe, fresh = sorted((r for r in own.records if r.kind is RecordKind.PENALTY), key=lambda r: r.decided_on)
        words = {"words": "已改正", "by": by, "at": AT}
        assert credit_actions.ask_repair(record_id=ripe.id, has_promised=True, **words).number
        with pytest.raises(CannotRepair):
            credit_actions.ask_repair(record_id=fresh.id, has_promised=True, **words)
        assert credit_actions.object_to(record_id=fresh.id, **words).number


def test_it_is_made_once(place: actions.Seeded) -> None:
    with packs.using(place_packs()), pytest.raises(AlreadySeeded):
        actions.seed(residents=300, firms=20, seed=1, by=SYSTEM, at=AT)


def test_every_village_has_grids_and_doors_that_lie_in_them(place: actions.Seeded) -> None:
    drawn = places.grids("990100000000", on=AT.date())
    assert len(drawn) == 184
    inside = places.grids_at([(each.lon, each.lat) for each in drawn], on=AT.date())
    assert [each.code for each in inside if each] == [each.code for each in drawn]
    found = places.find("澜东区东湖街道望湖社区12号楼下", on=AT.date())[0]
    assert found.text == "澜东区东湖街道望湖社区12号"
    assert found.grid_code.startswith(found.region_code)


def test_people_call_about_places_that_there_are(place: actions.Seeded) -> None:
    with packs.using(place_packs()):
        (play,) = [pack.as_type(DemoPlay) for pack in packs.all_of("DemoPlay")]
    assert play.calls is not None
    wanted = {said.region for said in play.calls.said if said.region}
    assert set(orgs.regions(wanted)) == wanted
