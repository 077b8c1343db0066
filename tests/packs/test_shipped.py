"""The packs that Yiwang ships check clean, examples and all, and say on what law they rest where they must."""

from django.conf import settings

from yiwang.kernel.packs import queries


def test_shipped_packs_have_no_problem() -> None:
    assert [str(problem) for problem in queries.check(settings.YIWANG_PACKS)] == []


def test_every_calendar_year_names_its_notice() -> None:
    for pack in queries.all_of("CalendarYear"):
        assert pack.body.legal_basis[0].title.startswith("国务院办公厅关于"), pack.path
