"""A process of its own that follows a table and is killed right after one function: `python -m tests.following PACKS LAKE HOME MODULE FUNCTION`."""

import os
import signal
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import django


def main(folder: str, lake: str, home: str, module: str, function: str) -> None:
    django.setup()
    from django.conf import settings

    from tests.world import AT
    from yiwang.data.ingest import actions
    from yiwang.kernel.base.contracts import SYSTEM
    from yiwang.kernel.packs import queries as packs

    settings.YIWANG_LAKE, settings.YIWANG_HOME = Path(lake), home
    room = import_module(module)
    real = getattr(room, function)

    def last(*given: Any, **named: Any) -> None:
        real(*given, **named)
        os.kill(os.getpid(), signal.SIGKILL)

    setattr(room, function, last)
    with packs.using(Path(folder)):
        actions.fetch(source_id="t.feed", by=SYSTEM, at=AT)


if __name__ == "__main__":
    main(*sys.argv[1:])
