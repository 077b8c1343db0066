"""A process of its own that takes in a file and is killed right after one function: `python -m tests.ingesting PACKS LAKE FILE MODULE FUNCTION`."""

import os
import signal
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import django


def main(folder: str, lake: str, file: str, module: str, function: str) -> None:
    django.setup()
    from django.conf import settings

    from tests.world import AT
    from yiwang.data.ingest import actions
    from yiwang.kernel.base.contracts import SYSTEM
    from yiwang.kernel.packs import queries as packs

    settings.YIWANG_LAKE = Path(lake)
    room = import_module(module)
    real = getattr(room, function)

    def last(*given: Any, **named: Any) -> None:
        real(*given, **named)
        os.kill(os.getpid(), signal.SIGKILL)

    setattr(room, function, last)
    with packs.using(Path(folder)):
        actions.run(source_id="t.firms", path=Path(file), by=SYSTEM, at=AT)


if __name__ == "__main__":
    main(*sys.argv[1:])
