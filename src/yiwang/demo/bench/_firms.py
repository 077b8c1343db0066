"""Made-up firms as a DuckDB table: the same for the same count, three in a hundred values missing."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


def make_firms(connection: "DuckDBPyConnection", count: int) -> None:
    """A table `firms` with a column for each fact of the made-up rules."""
    columns = ", ".join(_gappy(place, name, value) for place, (name, value) in enumerate(_columns().items()))
    connection.execute(f"CREATE TABLE firms AS SELECT 'F' || i AS uscc, {columns} FROM range({count}) AS r(i)")


def _columns() -> dict[str, str]:
    return {
        "employees": _whole(1, 2000), "patents": _whole(2, 40), "paid_months": _whole(3, 60), "penalties": _whole(4, 3),
        "revenue": _money(5, 900_000_000), "payroll": _money(6, 9_000_000), "research": _money(7, 90_000_000), "tax": _money(8, 9_000_000),
        "established_on": f"DATE '2000-01-01' + {_whole(9, 9600)}",
        "penalised_on": f"CASE WHEN {_whole(10, 5)} = 0 THEN DATE '2018-01-01' + {_whole(11, 3000)} END",
        "industry": _letter(12, 18), "region": f"lpad({_whole(13, 12)}::VARCHAR, 2, '0')", "credit": _letter(14, 4),
        "is_listed": f"{_whole(15, 9)} = 0", "is_overdue": f"{_whole(16, 7)} = 0", "is_high_tech": f"{_whole(17, 4)} = 0",
    }  # fmt: skip


def _gappy(place: int, name: str, value: str) -> str:
    return f"CASE WHEN {_whole(100 + place, 100)} >= 3 THEN {value} END AS {name}"


def _whole(place: int, below: int) -> str:
    return f"(hash(i * 1000 + {place}) % {below})::INTEGER"


def _money(place: int, below: int) -> str:
    return f"((hash(i * 1000 + {place}) % {below * 100})::DECIMAL(18, 0) * 0.01)::DECIMAL(16, 2)"


def _letter(place: int, count: int) -> str:
    return f"chr(65 + {_whole(place, count)})"
