"""Gapless series of numbers, drawn inside the caller's transaction."""

from django.db import connection


def next_number(series: str) -> int:
    """The next number of `series`, from 1. Rolled back with the transaction, so no gaps remain."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO base_counter (series, value) VALUES (%s, 1) "
            "ON CONFLICT (series) DO UPDATE SET value = base_counter.value + 1 RETURNING value",
            [series],
        )
        (value,) = cursor.fetchone()
    return int(value)
