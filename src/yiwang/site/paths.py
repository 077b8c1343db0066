"""Where things are on this machine: the checkout, and the one folder (YIWANG_HOME) that Yiwang writes to."""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
HOME = Path(os.environ.get("YIWANG_HOME") or ROOT / "var").absolute()
SHARED = ROOT.parent / "shared"


def folder(*names: str, mode: int = 0o755) -> Path:
    """A folder below YIWANG_HOME, made if absent."""
    path = HOME.joinpath(*names)
    path.mkdir(parents=True, exist_ok=True, mode=mode)
    return path
