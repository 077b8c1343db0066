"""Gapless series of numbers, drawn inside the caller's transaction."""

from yiwang.kernel.base import rows

_DRAW = (
    "INSERT INTO base_counter (series, value) VALUES (%s, 1) "
    "ON CONFLICT (series) DO UPDATE SET value = base_counter.value + 1 RETURNING value"
)


def next_number(series: str) -> int:
    """The next number of `series`, from 1. Rolled back with the transaction, so no gaps remain."""
    (((value,),),) = rows.ask(drawing(series))
    return int(value)


def next_numbers(series: str, count: int) -> int:
    """The first of the next `count` numbers of `series`, which are all the caller's. As `next_number`."""
    draw = (
        "INSERT INTO base_counter (series, value) VALUES (%s, %s) "
        "ON CONFLICT (series) DO UPDATE SET value = base_counter.value + excluded.value RETURNING value"
    )
    (((last,),),) = rows.ask((draw, [series, count]))
    return int(last) - count + 1


def drawing(series: str) -> rows.Statement:
    """What draws the next number, for whoever asks more in the same round trip."""
    return _DRAW, [series]
