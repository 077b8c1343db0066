"""Wiring of kernel.workdays."""

from django.apps import AppConfig


class WorkdaysConfig(AppConfig):
    name = "yiwang.kernel.workdays"
    label = "workdays"

    def ready(self) -> None:
        from yiwang.kernel.base.events import subscribe
        from yiwang.kernel.packs.contracts import register
        from yiwang.kernel.workdays import kinds

        register(
            kinds.CALENDAR_YEAR,
            kinds.CalendarYearPack,
            check=kinds.one_notice_a_year,
            examples=kinds.calendar_examples_hold,
        )
        register(kinds.WORK_HOURS, kinds.WorkHoursPack, examples=kinds.hours_examples_hold)
        subscribe("packs.release.loaded", "yiwang.kernel.workdays.listeners.packs_loaded", apart=True)
