"""Showing and scanning: only what is declared is told, once, and the holder sees it."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from tests.world import AT, World
from yiwang.kernel.audit import queries as audit
from yiwang.kernel.base.contracts import SYSTEM, Actor
from yiwang.kernel.packs import queries as packs
from yiwang.kernel.people import actions as people
from yiwang.support.codes import _scenes, actions, queries
from yiwang.support.codes.contracts import (
    BadBatch,
    CodeKind,
    Expired,
    Holder,
    HolderGone,
    KeyUse,
    LevelTooLow,
    NoCode,
    NoSuchScene,
    NotYourScene,
    OfflineScan,
    PublicKey,
    Replayed,
    UnknownKey,
    Verifier,
    WrongHolder,
)
from yiwang.support.codes.kinds import ScenePack
from yiwang.support.codes.models import Scan
from yiwang.support.login import actions as login

COUNTER, LIBRARY, RIDE = "anlan.counter", "anlan.library", "anlan.ride"


def scan(world: World, text: str, scene: str = COUNTER, who: str = "health.clerk", **more: Any) -> Any:
    return actions.scan(text=text, scene_id=scene, by=world.actor(who), at=more.get("at", AT))


def test_the_counter_learns_what_its_scene_declares(world: World, show: Any) -> None:
    seen = scan(world, show().text)
    assert {each.name: each.value for each in seen.values} == {
        "person.name": world.mother.name,
        "person.id-number": world.mother.id_number,
        "person.phone": world.mother.phone,
    }
    assert seen.fills == {
        "name": world.mother.name, "id_number": world.mother.id_number, "phone": world.mother.phone,
    }  # fmt: skip


def test_the_holder_sees_who_scanned_and_what_was_told(world: World, show: Any) -> None:
    scan(world, show().text)
    [line] = queries.scans_of(world.actor("mother")).items
    assert (line.scene, line.org_id, line.at) == ("亮码办事", world.org("health").id, AT)
    assert line.learned == ("姓名", "证件号码", "手机号码")
    assert queries.scans_of(world.actor("father")).items == []
    [use] = audit.disclosures_of(world.mother.subject_key).items
    assert set(use.elements) == {"person.name", "person.id-number", "person.phone"}
    assert "亮码办事" in use.purpose
    assert use.leaf_id


def test_a_code_is_good_once_in_a_scene(world: World, show: Any, gate: Actor) -> None:
    text = show().text
    scan(world, text)
    with pytest.raises(Replayed):
        scan(world, text, who="service-centre.clerk", at=AT + timedelta(seconds=5))
    assert actions.scan(text=text, scene_id=LIBRARY, by=gate, at=AT), "another scene has not seen it"
    assert Scan.objects.count() == 2


def test_nothing_in_a_code_says_whose_it_is_and_no_two_are_alike(world: World, show: Any) -> None:
    one, other = show(), show()
    published = queries.published(at=AT)
    verifier = Verifier(map(PublicKey.of_jwk, published["keys"]), skew=timedelta(seconds=published["skew_seconds"]))
    first, second = (verifier.read(each.text, at=AT) for each in (one, other))
    assert first.kind is CodeKind.PERSON
    shared = sum(a == b for a, b in zip(first.handle, second.handle, strict=True))
    assert shared < 8, "two handles of one person look like two of strangers"
    assert world.mother.id.to_bytes(5, "big") not in first.handle
    assert "private" not in json.dumps(published)
    assert '"d"' not in json.dumps(published)


def test_a_library_learns_no_name(world: World, show: Any, gate: Actor) -> None:
    seen = actions.scan(text=show().text, scene_id=LIBRARY, by=gate, at=AT)
    told = {each.name: each.value for each in seen.values}
    assert told == {
        "person.name-masked": world.mother.name[0] + "*" * (len(world.mother.name) - 1),
        "person.age-at-least:60": False,
    }


def test_only_the_posts_of_a_scene_scan(world: World, show: Any, gate: Actor) -> None:
    for who in ("health.reviewer", "mother"):
        with pytest.raises(NotYourScene):
            scan(world, show().text, who=who)
    with pytest.raises(NotYourScene):
        actions.scan(text=show().text, scene_id=COUNTER, by=gate, at=AT)
    with pytest.raises(NoSuchScene):
        scan(world, show().text, scene="anlan.nothing")
    assert not Scan.objects.exists()


def test_a_firm_is_shown_by_its_agent_while_the_mandate_lasts(world: World, show: Any) -> None:
    with pytest.raises(NoCode):
        show(subject=Holder(CodeKind.FIRM, 999))
    mandate = world.mandate(world.firm, "mother")
    assert [each.kind for each in queries.holders_of(world.actor("mother"), at=AT)] == [CodeKind.PERSON, CodeKind.FIRM]
    with pytest.raises(NoCode):
        show("father", Holder(CodeKind.FIRM, mandate.id))
    seen = scan(world, show(subject=Holder(CodeKind.FIRM, mandate.id)).text)
    told = {each.name: each.value for each in seen.values}
    assert told["firm.uscc"] == world.firm.id_number
    assert told["firm.agent-name"] == world.mother.name
    assert seen.fills["name"] == world.firm.name
    assert [set(use.elements) for use in audit.disclosures_of(world.mother.subject_key).items] == [{"person.name"}]
    late = show(subject=Holder(CodeKind.FIRM, mandate.id)).text
    people.revoke_mandate(mandate_id=mandate.id, by=SYSTEM, at=AT)
    with pytest.raises(HolderGone):
        scan(world, late)


def test_help_for_another_is_no_code_of_theirs(world: World, show: Any) -> None:
    mandate = world.mandate(world.father, "mother")
    with pytest.raises(NoCode):
        show(subject=Holder(CodeKind.PERSON, mandate.id))
    helper = world.actor("mother", mandate)
    scan(world, show("father").text)
    assert queries.scans_of(helper).items == []


def test_scene_of_persons_takes_no_firm(world: World, show: Any, gate: Actor) -> None:
    mandate = world.mandate(world.firm, "mother")
    with pytest.raises(WrongHolder):
        actions.scan(text=show(subject=Holder(CodeKind.FIRM, mandate.id)).text, scene_id=LIBRARY, by=gate, at=AT)


def test_an_account_that_is_off_has_no_code(world: World, show: Any) -> None:
    text = show().text
    people.set_active(account_id=world.account("mother").id, is_active=False, by=SYSTEM, at=AT)
    with pytest.raises(HolderGone):
        scan(world, text)


def test_an_old_code_is_refused(world: World, show: Any) -> None:
    with pytest.raises(Expired):
        scan(world, show(at=AT - timedelta(minutes=3)).text)


def test_keys_roll_and_the_old_one_lets_go(world: World, show: Any) -> None:
    before = show().text
    coming = actions.roll_keys(by=SYSTEM, at=AT)
    assert not coming.is_signing
    assert len(queries.published(at=AT)["keys"]) == 3, (
        "the next one is published before it signs; plates have their own"
    )
    scan(world, before)
    later = AT + timedelta(days=1, minutes=1)
    fresh = show(at=later).text
    assert scan(world, fresh, at=later)
    leaked = actions.roll_keys(at_once=True, by=SYSTEM, at=later)
    assert leaked.is_signing
    with pytest.raises(UnknownKey):
        scan(world, fresh, at=later + timedelta(seconds=31))
    signing = {key.use for key in queries.keys(at=later) if key.is_signing}
    assert signing == {KeyUse.PLATES, KeyUse.SHOWING}


def offline(text: str, key: str, seconds: int = 5) -> OfflineScan:
    return OfflineScan(key, text, AT + timedelta(seconds=seconds))


def test_a_bus_reports_later_and_may_report_twice(
    world: World, show: Any, gate: Actor, django_assert_max_num_queries: Any
) -> None:
    mother, father = show().text, show("father").text
    batch = [offline(mother, "1"), offline(father, "2"), offline("YW1JUNK", "3"), offline(mother, "4", 9)]
    hour_later = AT + timedelta(hours=1)
    with django_assert_max_num_queries(12):
        outcomes = actions.take_scans(scene_id=RIDE, scans=batch, by=gate, at=hour_later)
    assert [(each.key, each.is_taken) for each in outcomes] == [("1", True), ("2", True), ("3", False), ("4", False)]
    assert [each.code for each in outcomes[2:]] == ["codes.not-a-code", "codes.replayed"]
    again = actions.take_scans(scene_id=RIDE, scans=batch, by=gate, at=hour_later)
    assert again == outcomes
    assert Scan.objects.count() == 2
    [ride] = queries.scans_of(world.actor("mother")).items
    assert ride.is_offline
    assert ride.learned == ()
    assert ride.at == AT + timedelta(seconds=5)
    assert audit.disclosures_of(world.mother.subject_key).items == [], "nothing was told"


def test_a_gate_hands_in_with_its_token(show: Any, gate: Actor) -> None:
    now = timezone.now()
    token = login.issue_token(
        account_id=gate.account_id or 0, title="车载机", expires_on=now.date() + timedelta(days=9), by=SYSTEM, at=now
    )
    scans = [{"key": "1", "text": show(at=now).text, "scanned_at": now.isoformat()}]
    answer = Client().post(
        "/api/codes/scans/batch", {"scene": RIDE, "scans": scans}, content_type="application/json",
        headers={"Authorization": f"Bearer {token}"},
    )  # fmt: skip
    assert answer.json() == [{"key": "1", "is_taken": True, "code": "", "said": ""}]


def test_a_batch_is_judged_by_the_hour_of_each_scan(show: Any, gate: Actor) -> None:
    text = show().text
    late = [offline(text, "late", 200), offline(text, "old", -10 * 86400), offline(text, "future", 7200)]
    outcomes = actions.take_scans(scene_id=RIDE, scans=late, by=gate, at=AT + timedelta(hours=1))
    assert [each.code for each in outcomes] == ["codes.expired", "codes.bad-batch", "codes.bad-batch"]


def test_batches_are_for_offline_scenes_and_well_formed(show: Any, gate: Actor) -> None:
    text = show().text
    for scene, scans in {LIBRARY: [offline(text, "1")], RIDE: [offline(text, "1"), offline(text, "1")]}.items():
        with pytest.raises(BadBatch):
            actions.take_scans(scene_id=scene, scans=scans, by=gate, at=AT)
    with pytest.raises(BadBatch):
        actions.take_scans(scene_id=RIDE, scans=[], by=gate, at=AT)


def test_scans_are_forgotten_when_their_scene_says(world: World, show: Any) -> None:
    from yiwang.kernel.retention import actions as retention

    scan(world, show().text)
    [before] = retention.erase_due(by=SYSTEM, at=AT + timedelta(days=180), store="codes.scans")
    [after] = retention.erase_due(by=SYSTEM, at=AT + timedelta(days=183), store="codes.scans")
    assert (before.count, after.count) == (0, 1)


ClientAs = Callable[[str], Client]


def test_over_json(world: World, client_as: ClientAs) -> None:
    shown = client_as("mother").get("/api/my/code").json()
    assert shown["text"].startswith("YW1")
    assert shown["picture"].startswith("<svg")
    clerk = client_as("health.clerk")
    assert [each["id"] for each in clerk.get("/api/codes/scenes").json()] == [COUNTER, LIBRARY]
    body = {"scene": COUNTER, "text": shown["text"]}
    seen = clerk.post("/api/codes/scans", body, content_type="application/json").json()
    assert seen["fills"]["id_number"] == world.mother.id_number
    again = clerk.post("/api/codes/scans", body, content_type="application/json")
    assert (again.status_code, again.json()["code"]) == (409, "codes.replayed")
    assert client_as("mother").get("/api/my/code/scans").json()["items"][0]["scene"] == "亮码办事"


@pytest.fixture
def surer(monkeypatch: pytest.MonkeyPatch) -> None:
    """The counter's scene asks for a text message at least."""
    found = packs.get("Scene", COUNTER)
    body = found.as_type(ScenePack).model_copy(update={"level": 2})
    monkeypatch.setattr(_scenes, "pack_of", lambda scene_id: replace(found, body=body))
    monkeypatch.setattr(queries, "scenes", lambda: [replace(found, body=body)])


def test_a_scene_may_ask_how_sure_it_was_who_showed_the_code(
    world: World, surer: None, client_as: Callable[[str], Client]
) -> None:
    mother = world.actor("mother")
    weak = actions.show(subject=Holder(CodeKind.PERSON), by=mother, at=AT)
    with pytest.raises(LevelTooLow):
        scan(world, weak.text)
    assert not Scan.objects.exists()
    assert scan(world, actions.show(subject=Holder(CodeKind.PERSON), level=3, by=mother, at=AT).text).values
    page = client_as("mother").get("/my/code").content.decode()
    assert "/login/confirm?level=2&amp;next=%2Fmy%2Fcode" in page
