"""Addresses and keys of sources that we ask ourselves: one file each, readable by nobody else; never in packs, pages or logs."""

import json
import os
from dataclasses import dataclass, field
from pathlib import Path

from django.conf import settings

from yiwang.data.ingest.contracts import CannotFetch

KEY_HEADER = "Authorization"


@dataclass(frozen=True, slots=True)
class Connection:
    """`address` is a base address, or a connection string of PostgreSQL; `key` is sent as it is in the header named."""

    address: str = field(repr=False)
    key: str = field(default="", repr=False)
    header: str = KEY_HEADER


def file(name: str) -> Path:
    return Path(settings.YIWANG_HOME) / "secrets" / "sources" / f"{name}.json"


def read(name: str) -> Connection:
    """Raises CannotFetch when nobody said where that is."""
    try:
        kept = json.loads(file(name).read_text("utf-8"))
        return Connection(str(kept["address"]), str(kept.get("key", "")), str(kept.get("header") or KEY_HEADER))
    except (OSError, ValueError, KeyError, TypeError):
        raise CannotFetch(f"没有连接“{name}”。", hint=f"请运行 yiwang ingest connect {name} 写入地址和密钥。") from None


def write(name: str, connection: Connection) -> Path:
    """Whole or not at all, for the owner only."""
    path = file(name)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    kept = {"address": connection.address, "key": connection.key, "header": connection.header}
    with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as stream:
        json.dump(kept, stream)
    return part.replace(path)
