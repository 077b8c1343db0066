"""秒批 over JSON and pages, with the worker's jobs: filed, decided with reasons, drawn, found wrong, undone, replayed."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from django.test import Client
from django.utils import timezone

from tests.journeys.outside_world import as_json
from tests.singles import Singles, act_under
from yiwang.kernel.base.contracts import SYSTEM
from yiwang.kernel.ledger import actions as ledger
from yiwang.kernel.packs import queries as packs
from yiwang.kernel.packs.contracts import PackSet
from yiwang.kernel.rules import queries as rules
from yiwang.services.verdicts import jobs, queries
from yiwang.support.licences import queries as licences

As = Callable[[str], Client]
RULE, DECISION = "anlan.health.senior-card-rule", "anlan.health.senior-card-instant"


def ok(answer: Any, status: int = 200) -> Any:
    assert answer.status_code == status, answer.content.decode()
    return answer.json()


def changed(kind: str, pack_id: str, change: Callable[[Any], Any]) -> PackSet:
    """The packs in force, with one of them changed."""
    current = packs.current()
    pack = current.get(kind, pack_id)
    others = [each for each in current if (each.kind, each.id) != (kind, pack_id)]
    made = replace(pack, body=change(pack.body))
    return PackSet([*others, made], place=current.place, chain=current.chain, below=current.below)


def all_checked(body: Any) -> Any:
    return body.model_copy(update={"spot_check": body.spot_check.model_copy(update={"share": 100})})


def eighty(body: Any) -> Any:
    sixty, *others = body.conditions
    older = sixty.model_copy(update={"when": "years_between(born_on, as_of) >= 120"})
    return body.model_copy(update={"conditions": (older, *others)})


def take(client: Client, number: str, step: str, choice: str, grounds: str) -> None:
    row = next(row for row in ok(client.get("/api/cases/work"))["items"] if row["number"] == number)
    ok(
        client.post(
            f"/api/cases/{row['case_id']}/advance", **as_json({"step": step, "choice": choice, "grounds": grounds})
        )
    )


def test_from_filing_to_the_card_to_its_undoing(singles: Singles, client_as: As, run_jobs: Callable[[], int]) -> None:
    helper = act_under(client_as("neighbour"), singles.for_elder)
    with packs.using(changed("InstantDecision", DECISION, all_checked)):
        filed = helper.post(
            f"/api/applications/matters/{singles.senior}/filings",
            **as_json({"answers": {"truthful": True}}),
            headers={"Idempotency-Key": "instant-0001"},
        )
        number = ok(filed, 201)["number"]
        assert ok(filed, 201)["status"] == "open"
        run_jobs()
        (verdict,) = ok(helper.get(f"/api/cases/{number}/verdicts"))
        assert (verdict["answer"], verdict["is_taken"]) == ("met", True)
        page = helper.get(f"/my/cases/{number}").content.decode()
        for said in ("系统自动审批", "年满六十周岁", "本市户籍，或者持有居住证", "老年人优待证"):
            assert said in page
        english = helper.get(f"/my/cases/{number}", headers={"Accept-Language": "en"}).content.decode()
        assert "Decided by the system" in english
        assert "Sixty or older" in english
        (card,) = licences.of_case(number)
        assert card.is_valid
        # The sequencer signs a checkpoint; the minute's job draws from it and opens the check.
        ledger.sequence(by=SYSTEM, at=timezone.now())
        jobs.look_after(0)
    run_jobs()
    (verdict,) = ok(client_as("health.reviewer").get(f"/api/cases/{number}/verdicts"))
    check = verdict["draw"]["check_number"]
    assert verdict["draw"]["is_drawn"]
    take(client_as("health.reviewer"), check, "verify", "doubted", "社区反映年龄有误")
    waiting = helper.get(f"/my/cases/{check}").content.decode()
    assert "请您说明" in waiting
    assert "社区反映年龄有误" in waiting
    case_id = ok(client_as("health.reviewer").get("/api/cases/work?box=waiting"))["items"][0]["case_id"]
    explained = {"step": "heard", "choice": "explained", "grounds": "登记时写错了"}
    ok(helper.post(f"/api/cases/{case_id}/advance", **as_json(explained)))
    take(client_as("health.approver"), check, "decide", "wrong", "经核实未满六十周岁")
    run_jobs()
    (card,) = licences.of_case(number)
    assert not card.is_valid
    events = [each["event"] for each in ok(helper.get(f"/api/applications/{number}/documents"))]
    assert events == ["accept", "grant-instantly", "reverse"]
    desk = client_as("health.reviewer").get("/desk/verdicts").content.decode()
    assert "1件有误，已更正" in desk
    with packs.using(changed("Rule", RULE, eighty)):
        (one,) = queries.replay(RULE, lambda day: rules.rule(RULE, on=day))
    assert (one.case_number, one.was_taken, one.after.value) == (number, True, "not-met")
    assert one.why == ("“年满六十周岁”：符合 → 不符合",)
    shown = client_as("health.reviewer").post(f"/desk/rules/{RULE}", {"fact.born_on": "1953-01-20"}).content.decode()
    assert "还缺：" in shown
