"""What the facts behind a verdict and the words about a material leave when their time is over."""

from collections.abc import Callable
from datetime import timedelta

from django.utils import timezone

from tests.singles import Singles
from tests.unit.kernel.retention.test_retention import as_owner
from tests.unit.services.verdicts.test_desk_and_replay import RULE, two_cases
from yiwang.kernel.base.contracts import SYSTEM
from yiwang.kernel.ledger import queries as leaves
from yiwang.kernel.retention import actions as retention
from yiwang.kernel.rules import queries as rules
from yiwang.services.applications.models import FiledMaterial
from yiwang.services.verdicts import queries
from yiwang.services.verdicts.models import Verdict

__all__ = ["as_owner"]
YEAR = timedelta(days=366)


def test_facts_and_words_go_in_their_time_and_the_answer_stays(singles: Singles, as_owner: Callable[[], None]) -> None:
    good, bad = two_cases(singles)
    FiledMaterial.objects.filter(case__number__in=[good, bad]).update(said={"until": "2030-01-01"})
    as_owner()
    assert {each.count for each in _erased(years=1)} == {0}
    assert {each.store: each.count for each in _erased(years=11)} == {"verdicts.facts": 1, "applications.said": 2}
    given = Verdict.objects.get(case__number=good)
    assert (given.facts, given.outputs, leaves.content(given.leaf_id)) == ({}, {}, None)
    assert (given.answer, given.rule_id, given.grounds != []) == ("met", RULE, True)
    # Its case is still open: what it rests on is still needed.
    assert Verdict.objects.get(case__number=bad).facts
    assert set(FiledMaterial.objects.filter(case__number=good).values_list("said", flat=True)) == {None}
    assert {each.count for each in _erased(years=12)} == {0}
    replayed = list(queries.replay(RULE, lambda day: rules.rule(RULE, on=day)))
    assert [each.case_number for each in replayed] == [bad]


def _erased(*, years: int) -> list[object]:
    at = timezone.now() + years * YEAR
    done = [retention.erase_due(by=SYSTEM, at=at, store=name) for name in ("verdicts.facts", "applications.said")]
    return [each for reports in done for each in reports]
