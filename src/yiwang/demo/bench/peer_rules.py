"""Run under the Python of the peers: one library, one Parquet file, the rules asked; prints its version, CPU seconds and counts.

Only what judges is timed: imports, reading the file into what the library works on, and the JVM's start are not.
"""

import json
import os
import sys
import time
from importlib.metadata import version
from typing import Any


def great_expectations(table: str, asked: dict[str, Any]) -> dict[str, Any]:
    """On a pandas frame: the one of its engines that says patterns without another package; its SQL engine has none of DuckDB."""
    import great_expectations as gx
    import pandas

    frame = pandas.read_parquet(table)
    context = gx.get_context(mode="ephemeral")
    asset = context.data_sources.add_pandas("bench").add_dataframe_asset("people")
    batch = asset.add_batch_definition_whole_dataframe("all").get_batch(batch_parameters={"dataframe": frame})
    expect = gx.expectations
    wanted = {f"{name}-there": expect.ExpectColumnValuesToNotBeNull(column=name) for name in asked["there"]}
    for name, pattern in asked["patterns"].items():
        wanted[f"{name}-valid"] = expect.ExpectColumnValuesToMatchRegex(column=name, regex=f"^(?:{pattern})$")
    for name, values in asked["sets"].items():
        wanted[f"{name}-valid"] = expect.ExpectColumnValuesToBeInSet(column=name, value_set=values)
    for name, (least, most) in asked["ranges"].items():
        wanted[f"{name}-valid"] = expect.ExpectColumnValuesToBeBetween(column=name, min_value=least, max_value=most)
    suite = gx.ExpectationSuite(name="bench", expectations=list(wanted.values()))
    begun = time.process_time()
    result = batch.validate(suite)
    seconds = time.process_time() - begun
    counts = {}
    for one in result.results:
        config = one.expectation_config.to_json_dict()
        kind = "there" if config["type"] == "expect_column_values_to_not_be_null" else "valid"
        counts[f"{config['kwargs']['column']}-{kind}"] = int(one.result["unexpected_count"])
    return {"version": gx.__version__, "cpu_seconds": seconds, "counts": counts}


def cuallee(table: str, asked: dict[str, Any]) -> dict[str, Any]:
    """On DuckDB. It counts a null as a violation of a pattern."""
    import duckdb
    from cuallee import Check, CheckLevel

    connection = duckdb.connect(config={"threads": 2})
    connection.execute(f"CREATE TABLE people AS SELECT * FROM '{table}'")
    check = Check(CheckLevel.WARNING, "bench", table_name="people")
    codes = []
    for name in asked["there"]:
        check.is_complete(name)
        codes.append(f"{name}-there")
    for name, pattern in asked["patterns"].items():
        check.has_pattern(name, f"^({pattern})$")
        codes.append(f"{name}-valid")
    for name, values in asked["sets"].items():
        check.is_contained_in(name, tuple(values))
        codes.append(f"{name}-valid")
    for name, (least, most) in asked["ranges"].items():
        check.is_between(name, (least, most))
        codes.append(f"{name}-valid")
    begun = time.process_time()
    result = check.validate(connection)
    seconds = time.process_time() - begun
    lines = result if isinstance(result, list) else result.to_dict("records")
    counts = {code: int(line["violations"]) for code, line in zip(codes, lines, strict=True)}
    return {"version": version("cuallee"), "cpu_seconds": seconds, "counts": counts}


def soda(table: str, asked: dict[str, Any]) -> dict[str, Any]:
    """On DuckDB, in SodaCL; what it would tell its makers is turned off."""
    import duckdb
    from soda.scan import Scan

    connection = duckdb.connect(config={"threads": 2})
    connection.execute(f"CREATE TABLE people AS SELECT * FROM '{table}'")
    checks: list[Any] = [{f"missing_count({name}) = 0": {"name": f"{name}-there"}} for name in asked["there"]]
    rules = [(name, {"valid regex": f"^({pattern})$"}) for name, pattern in asked["patterns"].items()]
    rules += [(name, {"valid values": values}) for name, values in asked["sets"].items()]
    rules += [(name, {"valid min": least, "valid max": most}) for name, (least, most) in asked["ranges"].items()]
    checks += [{f"invalid_count({name}) = 0": {"name": f"{name}-valid", **said}} for name, said in rules]
    scan = Scan()
    scan.disable_telemetry()
    scan.set_data_source_name("duckdb")
    scan.add_duckdb_connection(connection)
    scan.add_sodacl_yaml_str(json.dumps({"checks for people": checks}))
    begun = time.process_time()
    scan.execute()
    seconds = time.process_time() - begun
    found = scan.get_scan_results()
    counts = {check["name"]: int(check["diagnostics"]["value"]) for check in found["checks"]}
    return {"version": version("soda-core"), "cpu_seconds": seconds, "counts": counts}


def spark(table: str, asked: dict[str, Any]) -> dict[str, Any]:
    """All our rules as Spark's own SQL; the time is that of the JVM, which compiles while it runs."""
    from pyspark.sql import SparkSession

    session = (
        SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false").config("spark.driver.memory", "3g")
        .config("spark.driver.host", "127.0.0.1").config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.sql.shuffle.partitions", "2").config("spark.sql.session.timeZone", "UTC").getOrCreate()
    )  # fmt: skip
    session.read.parquet(table).createOrReplaceTempView("people")
    begun = _jvm_seconds(session)
    lines = [[int(value) for value in row] for row in session.sql(asked["spark"]).collect()]
    seconds = _jvm_seconds(session) - begun
    said = {"version": session.version, "cpu_seconds": seconds, "lines": lines}
    session.stop()
    return said


def _jvm_seconds(session: Any) -> float:
    pid = int(session.sparkContext._jvm.java.lang.ProcessHandle.current().pid())
    with open(f"/proc/{pid}/stat") as file:
        fields = file.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


_PEERS = {"great_expectations": great_expectations, "cuallee": cuallee, "soda": soda, "spark": spark}

if __name__ == "__main__":
    _, _peer, _table, _question = sys.argv
    with open(_question, encoding="utf-8") as _file:
        _said = _PEERS[_peer](_table, json.load(_file))
    sys.stdout.write("\n" + json.dumps(_said) + "\n")
