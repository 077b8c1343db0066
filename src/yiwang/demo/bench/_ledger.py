"""Leaves appended one transaction each, until the running sequencer has numbered and signed the last of them."""

import time

from django.db import transaction
from django.utils import timezone

from yiwang.demo.bench._measure import cpu_seconds, most_and_median
from yiwang.demo.bench.contracts import Figures
from yiwang.kernel.base.contracts import SYSTEM
from yiwang.kernel.ledger import actions as ledger
from yiwang.kernel.ledger import queries

_PATIENCE_SECONDS = 120


def leaves(rounds: int, each: int) -> Figures:
    appended, signed = [], []
    for _ in range(rounds):
        begun, cpu = time.monotonic(), cpu_seconds()
        for n in range(each):
            with transaction.atomic():
                ledger.append(kind="bench.leaf", subject=f"bench:{n}", content={"n": n}, by=SYSTEM, at=timezone.now())
        appended.append(each / (cpu_seconds() - cpu))
        _wait(begun)
        signed.append(each / (time.monotonic() - begun))
    return {"appended_per_cpu_s": most_and_median(appended), "signed_per_s": most_and_median(signed)}


def _wait(begun: float) -> None:
    while queries.waiting():
        if time.monotonic() - begun > _PATIENCE_SECONDS:
            raise RuntimeError("the sequencer does not number what was appended")
        time.sleep(0.05)
