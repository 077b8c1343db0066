"""Rules at both speeds: a population in DuckDB beside a query by hand, one record beside expressions by hand."""

import platform
import resource
import tempfile
from collections.abc import Callable, Sequence
from datetime import date
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

from yiwang.demo.bench._firms import make_firms
from yiwang.demo.bench._measure import cpu_seconds, yardstick_ms
from yiwang.demo.bench._policies import DAY, Made, packs_of, policies, rule_ids
from yiwang.demo.bench.contracts import Figures
from yiwang.kernel.packs import queries as packs
from yiwang.kernel.rules import queries as rules
from yiwang.kernel.rules.contracts import Population, RuleSet

_ON = date.fromisoformat(DAY)


def run(*, rules_count: int, firms: int, threads: int, rounds: int) -> Figures:
    """Evaluations per CPU-second over the population, milliseconds per record, each with its bound."""
    import duckdb

    made = policies(rules_count)
    with tempfile.TemporaryDirectory() as folder, packs.using(_place(Path(folder), packs_of(made))):
        compiled = _least(lambda: rules.rules(rule_ids(rules_count), on=_ON), 1)
        together = rules.rules(rule_ids(rules_count), on=_ON)
        with duckdb.connect(config={"threads": threads, "memory_limit": "4GB"}) as connection:
            make_firms(connection, firms)
            ids = rule_ids(rules_count)
            population = rules.population(ids, on=_ON, connection=connection, table="firms", key="uscc")
            return {
                "bench": "rules", "rules": rules_count, "firms": firms, "threads": threads, "rounds": rounds,
                "compile_cpu_s": round(compiled, 2), "population": _population(population, made, rules_count * firms, rounds),
                "record": _record(together, made, connection, rounds), "yardstick_ms": yardstick_ms(), **_run(),
            }  # fmt: skip


def _population(population: Population, made: Sequence[Sequence[Made]], evaluations: int, rounds: int) -> Figures:
    execute = population.connection.execute
    counts = population.counts()
    answers = _least(population.counts, rounds)
    everything = _least(lambda: _everything(population), rounds)
    wholes = [" AND ".join(f"({one.sql})" for one in conditions) for conditions in made]
    counted = ", ".join(f"count(*) FILTER (WHERE {whole})" for whole in wholes)
    listed = ", ".join(f"({whole}) AS a{n}" for n, whole in enumerate(wholes))
    by_hand = execute(f"SELECT {counted} FROM firms").fetchall()[0]
    hand_counts = _least(lambda: execute(f"SELECT {counted} FROM firms").fetchall(), rounds)
    hand_stored = _least(
        lambda: execute(f"CREATE OR REPLACE TABLE by_hand AS SELECT uscc, {listed} FROM firms"), rounds
    )
    return {
        "evaluations": evaluations,
        "met": sum(count.met for count in counts.values()),
        "met_by_hand": sum(by_hand),
        "unknown": sum(count.unknown for count in counts.values()),
        "per_cpu_second": {
            "counts": round(evaluations / answers),
            "answers_failed_missing_outputs": round(evaluations / everything),
            "by_hand_counts": round(evaluations / hand_counts),
            "by_hand_answers_stored": round(evaluations / hand_stored),
        },
        "ratio_to_hand": {
            "counts": round(hand_counts / answers, 2),
            "everything_to_answers_stored": round(hand_stored / everything, 2),
        },
    }


def _everything(population: Population) -> list[Any]:
    """Every column of every rule, all of them held."""
    decided = population.decide()
    return [table for rule_id in decided.rules for table in decided.tables(rule_id)]


def _record(together: RuleSet, made: Sequence[Sequence[Made]], connection: Any, rounds: int) -> Figures:
    cursor = connection.execute("SELECT * FROM firms LIMIT 500")
    names = [column[0] for column in cursor.description]
    records = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    hand = _by_hand(made)
    whole = [record for record in records if None not in [v for k, v in record.items() if k != "penalised_on"]]
    ways: dict[str, tuple[Callable[[dict[str, Any]], object], list[dict[str, Any]]]] = {
        "answers": (together.answers, records),
        "with_reasons": (together.decide, records),
        "answers_whole_records": (together.answers, whole),
        "by_hand_whole_records": (hand, whole),
    }
    found = {}
    for name, (way, over) in ways.items():
        way(over[0])  # compiled at first need
        found[name] = round(_least(partial(_each, way, over), rounds) * 1000 / len(over), 4)
    ratio = round(found["by_hand_whole_records"] / found["answers_whole_records"], 2)
    return {"ms_for_all_rules": found, "ratio_to_hand": ratio}


def _each(way: Callable[[dict[str, Any]], object], records: Sequence[dict[str, Any]]) -> None:
    for record in records:
        way(record)


def _least(work: Callable[[], object], rounds: int) -> float:
    """CPU seconds of the cheapest of several runs."""
    found = []
    for _ in range(rounds):
        begun = cpu_seconds()
        work()
        found.append(cpu_seconds() - begun)
    return min(found)


def _run() -> Figures:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    versions = {name: version(name) for name in ("duckdb", "sqlglot")}
    return {"peak_memory_mb": peak, "versions": {"python": platform.python_version(), **versions}}


def _by_hand(made: Sequence[Sequence[Made]]) -> Callable[[dict[str, Any]], list[bool]]:
    """The same conditions as a programmer would write them: no unknown, no reasons, short-circuit."""
    wholes = ", ".join(" and ".join(f"({one.python})" for one in conditions) for conditions in made)
    names = sorted({name for conditions in made for one in conditions for name in one.good} | {"payroll"})
    reads = "".join(f"    {name} = record[{name!r}]\n" for name in names)
    scope: dict[str, Any] = {"as_of": _ON, "years": _years}
    exec(f"def decide(record):\n{reads}    return [{wholes}]", scope)  # noqa: S102  # our own text
    decide: Callable[[dict[str, Any]], list[bool]] = scope["decide"]
    return decide


def _years(a: date, b: date) -> int:
    return b.year - a.year - ((b.month, b.day) < (a.month, a.day))


def _place(root: Path, text: str) -> Path:
    (root / "bench").mkdir()
    (root / "bench" / "place.yaml").write_text("kind: Place\nid: bench\ntitle: 测量\n", encoding="utf-8")
    (root / "bench" / "policies.yaml").write_text(text, encoding="utf-8")
    return root
