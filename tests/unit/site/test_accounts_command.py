"""The operator's commands for a place without a demo: organisations from a list, the first administrator, tokens."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from django.utils import timezone

from tests import world as w
from tests.world import World
from yiwang.kernel.base.contracts import ANONYMOUS
from yiwang.kernel.people import queries as people
from yiwang.site.cli import _django, accounts, orgs
from yiwang.support.login import actions, queries
from yiwang.support.login.contracts import Door, Step


@pytest.fixture
def run(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[CliRunner]:
    """The commands, on the database of this test and not on one of their own."""
    for module in (accounts, orgs, _django):
        monkeypatch.setattr(module, "records", contextlib.nullcontext)
    return CliRunner()


def call(run: CliRunner, *given: str) -> Result:
    return run.invoke(accounts.command, list(given), catch_exceptions=False)


def test_the_first_administrator_signs_in(run: CliRunner, world: World) -> None:
    said = call(run, "create", "admin1", "--name", "管理员", "--org", world.org("city").uscc, "--password", w.PASSWORD)
    assert (said.exit_code, "人事管理员" in said.output) == (0, True)
    at = timezone.now()
    admission = actions.sign_in(door=Door.STAFF, identifier="admin1", password=w.PASSWORD, by=ANONYMOUS, at=at)
    assert admission.step is Step.ENROL
    call(run, "password", "admin1", "--password", "plum-tree-88")
    assert people.knows_password(admission.account_id, "plum-tree-88")
    assert call(run, "password", "nobody", "--password", "plum-tree-88").exit_code == 1


def test_a_machine_gets_a_token(run: CliRunner, world: World) -> None:
    token = call(run, "token", "bus-system", "--title", "公交系统").output.strip()
    assert queries.actor_of_token(token, at=timezone.now()).name == "公交系统"


def test_a_list_of_regions_is_imported(run: CliRunner, tmp_path: Path) -> None:
    listed = tmp_path / "regions.csv"
    listed.write_text("code,name\n990104,新安区\n", encoding="utf-8")
    said = run.invoke(orgs.command, ["import", str(listed)], catch_exceptions=False)
    assert "新增行政区划 1 个" in said.output
