"""`yiwang workdays recompute`: runs, lists what it changed, and says when there is nothing to resume."""

import contextlib

import pytest
from click.testing import CliRunner, Result

from tests.unit.kernel.cases.conftest import Club
from tests.unit.kernel.cases.test_redating import HOLIDAY, LIMITS, published
from yiwang.kernel.cases.contracts import NothingToResume
from yiwang.site.cli import workdays


@pytest.fixture(autouse=True)
def here(monkeypatch: pytest.MonkeyPatch) -> None:
    """On the database of this test and not on one of its own."""
    monkeypatch.setattr(workdays, "records", contextlib.nullcontext)


def call(*given: str) -> Result:
    return CliRunner().invoke(workdays.command, ["recompute", *given], catch_exceptions=False)


def test_it_recomputes_and_lists(club: Club) -> None:
    case = club.take(club.open("test.weather", limits=LIMITS), "ask.accept", "ann")
    with published(HOLIDAY):
        assert "看了 3 个期限，1 个改期，3 个不再是暂定" in call().output
        run_id = call("--list", "0").output.split(" ")[0]
        lines = call("--list", run_id, "--csv").output.splitlines()
    assert lines[0] == "办件编号,期限,原到期日,现到期日,原为暂定,现为暂定,撤销超期"
    assert f"{case.number},规定时限,2026-12-07,2026-12-09,是,否,否" in lines
    with pytest.raises(NothingToResume):
        call("--resume")
