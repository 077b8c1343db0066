"""Other libraries on the same rules, each in a process of its own under another Python: they want other versions of what we use."""

import json
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

_SCRIPT = Path(__file__).with_name("peer_rules.py")
_PATIENCE_SECONDS = 3000
PEERS = ("great_expectations", "cuallee", "soda", "spark")


def asked(*, there: Sequence[str], patterns: Mapping[str, str], folks: Sequence[str], spark: str) -> dict[str, Any]:
    """What every peer is asked: columns that must be there, patterns, a code list, a range; for Spark all our rules as its own query."""
    return {
        "there": list(there), "patterns": dict(patterns), "sets": {"folk": list(folks)},
        "ranges": {"hours": [0, 168]}, "spark": spark,
    }  # fmt: skip


def run(peer: str, python: Path, table: Path, asked: Mapping[str, Any], folder: Path) -> dict[str, Any] | str:
    """What a peer says of a Parquet file: version, CPU seconds and counts by rule; or why it says nothing."""
    question = folder / "asked.json"
    question.write_text(json.dumps(asked, ensure_ascii=False), encoding="utf-8")
    done = subprocess.run(
        [python, "-I", _SCRIPT, peer, table, question],
        capture_output=True,
        text=True,
        timeout=_PATIENCE_SECONDS,
        check=False,
    )
    if done.returncode:
        return (done.stderr.strip().splitlines() or ["it ended without a word"])[-1][:300]
    said: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return said
