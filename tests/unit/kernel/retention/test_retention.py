"""Periods, the dry run, and an erasure that leaves every proof valid."""

import io
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.db import DatabaseError, connection, transaction

from tests import flows
from tests.unit.kernel.cases.conftest import Club, club, hooks, players
from tests.unit.kernel.files.test_files import pdf
from tests.world import AT, World
from yiwang.kernel.audit import queries as audit
from yiwang.kernel.base.contracts import SYSTEM
from yiwang.kernel.cases import actions as cases
from yiwang.kernel.cases import queries as cases_read
from yiwang.kernel.files import actions as files
from yiwang.kernel.files import queries as files_read
from yiwang.kernel.files.contracts import NoSuchFile
from yiwang.kernel.forms.models import Draft
from yiwang.kernel.ledger import actions as ledger
from yiwang.kernel.ledger import queries as leaves
from yiwang.kernel.packs import queries as packs
from yiwang.kernel.packs.contracts import Pack, PackSet, Text
from yiwang.kernel.retention import actions, contracts, queries
from yiwang.kernel.retention.kinds import POLICY, RetentionPolicyPack, earlier, one_policy_a_store
from yiwang.site import database
from yiwang.site.postgres.roles import OWNER

__all__ = ["club", "hooks", "players"]
BASIS = [{"title": "个人信息保护法", "article": "四十七"}]
LATER = AT.replace(year=AT.year + 30, month=12)


def policy(name: str, store: str, keep: str, basis: list[dict[str, str]] = BASIS) -> Pack:
    body = RetentionPolicyPack.model_validate(
        {"kind": POLICY, "id": name, "title": name, "store": store, "keep": keep, "legal_basis": basis}
    )
    return Pack(POLICY, name, 1, Text(name), name, "club", f"{name}.yaml", body, {})


def in_force(*flow_texts: str) -> AbstractContextManager[None]:
    """The club's packs, cases for thirty years, drafts for 180 days."""
    club = flows.packs_of(*map(flows.body, flow_texts))
    kinds = ("PostType", "WorkHours", "Flow")
    ours = [policy("cases", "cases.contents", "30 years"), policy("drafts", "forms.drafts", "180 days")]
    return packs.using(PackSet([*(pack for kind in kinds for pack in club.all_of(kind)), *ours]))


@pytest.fixture
def as_owner(transactional_db: None) -> Iterator[Callable[[], None]]:
    """Go on as the owner of the tables, as `yiwang retention run` does."""
    before = dict(connection.settings_dict)

    def become() -> None:
        connection.close()
        connection.settings_dict.update(database.settings(OWNER) | {"NAME": before["NAME"]})

    yield become
    connection.close()
    connection.settings_dict.update(before)


@pytest.mark.parametrize(
    ("at", "n", "unit", "found"),
    [
        (datetime(2026, 3, 31, tzinfo=UTC), 1, "months", datetime(2026, 2, 28, tzinfo=UTC)),
        (datetime(2024, 2, 29, tzinfo=UTC), 1, "years", datetime(2023, 2, 28, tzinfo=UTC)),
        (datetime(2026, 1, 15, tzinfo=UTC), 13, "months", datetime(2024, 12, 15, tzinfo=UTC)),
        (datetime(2026, 3, 1, tzinfo=UTC), 30, "days", datetime(2026, 1, 30, tzinfo=UTC)),
        (datetime(2026, 12, 31, tzinfo=UTC), 30, "years", datetime(1996, 12, 31, tzinfo=UTC)),
    ],
)
def test_a_period_ends_on_a_day_of_the_calendar(at: datetime, n: int, unit: str, found: datetime) -> None:
    assert earlier(at, n, unit) == found


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (policy("a", "nothing.here", "3 years"), "没有“nothing.here”"),
        (policy("a", "forms.drafts", "3 years", []), "没有写依据"),
        (policy("b", "forms.drafts", "3 years"), "已由 a.yaml 规定"),
    ],
)
def test_a_policy_names_a_store_and_its_basis_once(wrong: Pack, said: str) -> None:
    found = PackSet([policy("a", "forms.drafts", "1 years"), wrong])
    problems = [str(problem) for problem in one_policy_a_store(wrong, found)]
    assert any(said in problem for problem in problems), problems


@pytest.mark.parametrize("keep", ["0 days", "forever", "3 decades", "-1 years"])
def test_a_period_is_readable(keep: str) -> None:
    with pytest.raises(ValueError, match="期限"):
        RetentionPolicyPack.model_validate(
            {"kind": POLICY, "id": "a", "title": "甲", "store": "forms.drafts", "keep": keep}
        )


@pytest.mark.django_db
def test_drafts_are_forgotten_after_their_time_and_not_before(world: World) -> None:
    Draft.objects.create(form_id="f", key="k", account_id=1, party_id=1, answers={"a": "b"}, saved_at=AT)
    with in_force():
        assert [(line.store, line.count) for line in queries.due(AT + timedelta(days=179))] == [
            ("cases.contents", 0),
            ("forms.drafts", 0),
        ]
        assert queries.due(AT + timedelta(days=181))[1].count == 1
        assert Draft.objects.count() == 1
        erased = actions.erase_due(by=SYSTEM, at=AT + timedelta(days=181), store="forms.drafts")
        assert [(line.policy, line.count) for line in erased] == [("drafts", 1)]
        assert not Draft.objects.exists()
        assert actions.erase_due(by=SYSTEM, at=AT + timedelta(days=181))[1].count == 0
    (told,) = audit.trail("store:forms.drafts").items
    assert (told.event, told.detail["count"], told.detail["policy"]) == ("retention.erased", 1, "drafts")


def test_every_store_of_the_repository_has_its_policy(world: World) -> None:
    stores = [line.store for line in queries.due(AT)]
    assert stores == sorted(contracts.stores())
    assert {"cases.contents", "forms.drafts", "notify.messages", "verdicts.facts"} <= set(stores)


def test_a_case_past_its_time_says_nothing_of_anybody_and_every_proof_holds(
    club: Club, as_owner: Callable[[], None], settings: LazySettings, tmp_path: Path
) -> None:
    settings.YIWANG_FILES = tmp_path
    case = club.open()
    ref = files.store(
        stream=io.BytesIO(pdf()),
        filename="陈晓岚.pdf",
        purpose="t",
        owner_party_id=None,
        by=SYSTEM,
        at=AT,
    )
    cases.attach(case_id=case.id, file_id=ref.id, role="photo", title="陈晓岚的照片", by=club.actor("ann"), at=AT)
    for what, who in (("request.enter", "ann"), ("first.done", "ann"), ("second.done", "bob"), ("prize.cup", "cat")):
        case = club.take(case, what, who)
    running = club.open()
    leaf = ledger.append(kind="t", subject=f"case:{case.number}", content={"who": 1}, by=SYSTEM, at=AT)
    ledger.sequence(by=SYSTEM, at=AT)
    head = leaves.checkpoint()
    proof = leaves.proof(leaf.id)

    with in_force(flows.TENNIS):
        assert queries.due(LATER)[0].count == 1
        with pytest.raises(DatabaseError), transaction.atomic():
            actions.erase_due(by=SYSTEM, at=LATER)
        assert cases_read.data(case.id) == {"racket": "木拍"}
        as_owner()
        assert actions.erase_due(by=SYSTEM, at=LATER)[0].count == 1
        assert actions.erase_due(by=SYSTEM, at=LATER)[0].count == 0
        view = cases_read.peek(case.id)
        assert (view.outcome, view.closed_at, view.subject) == ("won", AT, "（保存期满，已删除）")
        assert cases_read.data(case.id) == {}
        assert cases_read.data(running.id) == {"racket": "木拍"}
        assert not any(event.grounds or event.form for event in cases_read.history(case.id))
        (attached,) = cases_read.attachments(case.id)
        assert "陈晓岚" not in attached.title

    with pytest.raises(NoSuchFile):
        files_read.open(ref.id)
    assert files_read.get(ref.id).filename == ""
    assert files_read.lost() == []
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]
    assert leaves.content(leaf.id) is None
    ledger.sequence(by=SYSTEM, at=LATER)
    assert head is not None
    assert leaves.proof(leaf.id, tree_size=head.tree_size) == proof
    report = leaves.verify(anchor=head.note)
    assert report.is_sound, report.findings
    assert report.erased >= 1
