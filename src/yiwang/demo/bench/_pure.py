"""What needs no server: due dates."""

from datetime import date, datetime, time, timedelta
from random import Random

from yiwang.demo.bench._measure import most_and_median, rate
from yiwang.demo.bench.contracts import Figures
from yiwang.kernel.workdays import queries as workdays
from yiwang.kernel.workdays.contracts import LEGAL_TIME, Limit

_FIRST, _DAYS = date(2019, 1, 1), 2900
_LIMITS = tuple(Limit.parse(text) for text in ("1 workday", "5 workdays", "20 workdays", "60 days", "45 workdays"))


def due_dates(rounds: int, each: int) -> Figures:
    """Due dates a CPU second: instants of all published years, limits of work days and of days."""
    random = Random(20261121)
    starts = [
        datetime.combine(_FIRST + timedelta(days=random.randrange(_DAYS)), time(random.randrange(24)), LEGAL_TIME)
        for _ in range(1_000)
    ]

    def work() -> int:
        due, done = workdays.due, 0
        while done < each:
            limit = _LIMITS[done // len(starts) % len(_LIMITS)]
            for start in starts:
                due(start, limit)
            done += len(starts)
        return done

    return {"per_cpu_s": most_and_median(rate(work, rounds))}
