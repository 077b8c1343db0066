"""Effects and the plan that flows of the catalogue name."""

from yiwang.data.catalogue import _census, _requests
from yiwang.data.catalogue.contracts import CASE_KINDS, CENSUS_KIND
from yiwang.kernel.cases.contracts import CaseKind, register_case_kind, register_effect, register_plan


def register() -> None:
    for kind, code in CASE_KINDS.items():
        register_case_kind(CaseKind(code, kind.label))
    register_case_kind(CaseKind(CENSUS_KIND, "数据普查"))
    for name, effect in (
        ("take", _requests.take),
        ("award", _requests.award),
        ("settle", _requests.settle),
        ("drop", _requests.drop),
        ("census_enter", _census.enter),
        ("census_filled", _census.filled),
        ("census_back", _census.back),
        ("census_taken", _census.taken),
    ):
        register_effect(f"catalogue.{name}", effect)
    register_plan("catalogue.census", _census.plan)
