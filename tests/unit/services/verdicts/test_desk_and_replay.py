"""What the desk shows of instant decisions, and what another version of a rule would have said of them."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner
from django.test import Client
from django.utils import timezone

from tests.singles import Singles
from tests.unit.services.verdicts.test_instant import apply
from tests.world import World
from yiwang.kernel.packs import queries as packs
from yiwang.kernel.packs.contracts import PackSet
from yiwang.kernel.rules import queries as rules
from yiwang.services.verdicts import actions, queries
from yiwang.services.verdicts.contracts import MACHINE, Left
from yiwang.services.verdicts.models import Act, Verdict
from yiwang.site.cli import verdicts as cli

RULE = "anlan.health.senior-card-rule"


def two_cases(singles: Singles) -> tuple[str, str]:
    """One that the system decided, one that it left; given now, as pages look back from now."""
    good, bad = apply(singles), apply(singles, by=singles.world.actor("mother"), once="mother-0001")
    for case in (good, bad):
        for verdict in actions.judge(case_id=case.id, by=MACHINE, at=timezone.now()):
            if not verdict.is_settled:
                actions.act(verdict_id=verdict.id, by=MACHINE, at=timezone.now())
    return good.number, bad.number


def stricter() -> PackSet:
    """The packs in force, with a rule that asks for seventy-five years and no longer where one is registered."""
    current = packs.current()
    pack = current.get("Rule", RULE)
    sixty, _, first = pack.body.conditions  # type: ignore[attr-defined]
    older = sixty.model_copy(update={"when": "years_between(born_on, as_of) >= 75"})
    body = pack.body.model_copy(update={"conditions": (older, first), "version": 2})
    others = [each for each in current if (each.kind, each.id) != ("Rule", RULE)]
    changed = replace(pack, body=body, version=2, hash="2" * 64)
    return PackSet([*others, changed], place=current.place, chain=current.chain, below=current.below)


def test_the_desk_counts_what_was_decided_and_why_the_rest_was_not(
    singles: Singles, client_as: Callable[[str], Client], django_assert_max_num_queries: Callable[..., object]
) -> None:
    good, bad = two_cases(singles)
    by = singles.world.actor("health.reviewer")
    found = queries.figures(by, since=singles.world.at.replace(year=2020))
    assert (found.given, found.taken, found.percent) == (2, 1, 50)
    assert [(each.left, each.n) for each in found.left] == [(Left.NOT_MET, 1)]
    assert ("年满六十周岁", 1) in [(each.sentence, each.n) for each in found.grounds]
    client = client_as("health.reviewer")
    page = client.get("/desk/verdicts").content.decode()
    for said in (good, bad, "占50%", "为什么转人工", "有条件不符合", "年满六十周岁"):
        assert said in page
    page = client.get("/desk/verdicts?show=left").content.decode()
    assert bad in page
    assert good not in page
    with django_assert_max_num_queries(6):  # type: ignore[attr-defined]
        queries.figures(by, since=singles.world.at.replace(year=2020))


def test_others_see_none_of_it(singles: Singles, client_as: Callable[[str], Client]) -> None:
    good, bad = two_cases(singles)
    page = client_as("other-health.reviewer").get("/desk/verdicts").content.decode()
    assert good not in page
    assert bad not in page
    assert client_as("mother").get("/desk/verdicts").status_code in {302, 403}
    assert client_as("father").get(f"/api/cases/{bad}/verdicts").status_code == 403


def test_json_tells_staff_all_and_the_applicant_what_the_system_decided(
    singles: Singles, client_as: Callable[[str], Client]
) -> None:
    good, bad = two_cases(singles)
    (verdict,) = client_as("health.clerk").get(f"/api/cases/{bad}/verdicts").json()
    assert (verdict["answer"], verdict["left"]) == ("not-met", "not-met")
    assert {"code": "sixty", "answer": "not-met"}.items() <= verdict["grounds"][0].items()
    assert client_as("mother").get(f"/api/cases/{bad}/verdicts").json() == []
    body = client_as("health.clerk").get("/api/desk/verdicts").json()
    assert [row["case_number"] for row in body["items"]] == [bad, good]
    assert body["figures"]["percent"] == 50
    assert "1953" not in str(body)


def test_replay_says_what_would_change_and_why_and_writes_nothing(singles: Singles) -> None:
    good, bad = two_cases(singles)
    before = list(Verdict.objects.order_by("pk").values()), Act.objects.count()
    same = list(queries.replay(RULE, lambda day: rules.rule(RULE, on=day)))
    assert [(one.case_number, one.changes, one.why) for one in same] == [(good, False, ()), (bad, False, ())]
    with packs.using(stricter()):
        changed = {
            one.case_number: one for one in queries.replay(RULE, lambda day: rules.rule(RULE, on=day, version=2))
        }
    one = changed[good]
    assert (one.was_taken, one.before.value, one.after.value) == (True, "met", "not-met")
    assert one.why == ("“年满六十周岁”：符合 → 不符合", "不再要求“本市户籍，或者持有居住证”（原为符合）")
    assert not changed[bad].changes
    assert (list(Verdict.objects.order_by("pk").values()), Act.objects.count()) == before


def test_the_command_prints_and_writes_a_table(
    singles: Singles, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    good, _ = two_cases(singles)
    out = tmp_path / "changes.csv"
    with packs.using(stricter()):
        replayed = queries.replay(RULE, lambda day: rules.rule(RULE, on=day))
        cli._print(replayed, out)
    said = capsys.readouterr().out
    assert f"{good}（" in said
    assert "重新判断2件，结论改变1件。" in said
    head, line = out.read_text(encoding="utf-8-sig").splitlines()
    assert head.startswith("办件编号,判断日期")
    assert line.startswith(f"{good},")
    assert "符合 → 不符合" in line
    both = CliRunner().invoke(cli.command, ["replay", RULE])
    assert both.exit_code == 1
    assert "--to" in both.output


def test_an_empty_world_has_no_figures(world: World) -> None:
    found = queries.figures(world.actor("health.reviewer"), since=world.at.replace(year=2020))
    assert (found.given, found.percent, found.left) == (0, None, ())
