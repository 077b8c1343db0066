"""A process of its own that recomputes all limits under the packs of a folder: `python -m tests.recompute FOLDER [resume]`."""

import sys
from pathlib import Path

import django


def main() -> None:
    django.setup()
    from django.utils import timezone

    from yiwang.kernel.base.contracts import SYSTEM
    from yiwang.kernel.cases import actions, jobs
    from yiwang.kernel.packs import queries as packs

    with packs.using(Path(sys.argv[1])):
        at = timezone.now()
        resume = "resume" in sys.argv
        run = (
            actions.resume_redating(by=SYSTEM, at=at) if resume else actions.begin_redating(release=0, by=SYSTEM, at=at)
        )
        jobs.redate_all(run, told=lambda now: print(now.seen, flush=True))  # noqa: T201 - the test reads it


if __name__ == "__main__":
    main()
