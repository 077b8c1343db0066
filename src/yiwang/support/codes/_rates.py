"""How fast codes are checked on this machine, in CPU time and beside the bare signature; needs no records."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from yiwang.support.codes._code import CodeKind, PublicKey, Verifier, write

MOMENT = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
KID = b"\x01\x02\x03\x04"


def measured(*, each: int, rounds: int) -> dict[str, float]:
    """Codes made and checked a CPU second, the best of several rounds, and the bare P-256 verification beside them."""
    key, algorithm = ec.generate_private_key(ec.SECP256R1()), ec.ECDSA(hashes.SHA256())
    public, message = key.public_key(), b"one code"
    signature = key.sign(message, algorithm)
    verifier = Verifier([PublicKey(KID, public, False, MOMENT - timedelta(days=9))], skew=timedelta(seconds=30))
    make = partial(write, CodeKind.PERSON, bytes(16), kid=KID, key=key, at=MOMENT, until=MOMENT + timedelta(seconds=60))
    works: dict[str, Callable[[], object]] = {
        "code_made": make,
        "code_checked": partial(verifier.read, make(), at=MOMENT),
        "p256_verify": partial(public.verify, signature, message, algorithm),
    }
    best = dict.fromkeys(works, 0.0)
    for _ in range(rounds):
        for name, work in works.items():
            best[name] = max(best[name], _rate(work, each))
    told = {name: round(rate, 1) for name, rate in best.items()}
    return told | {"code_checked_of_bare_verify": round(best["code_checked"] / best["p256_verify"], 3)}


def _rate(work: Callable[[], object], times: int) -> float:
    begun = time.process_time()
    for _ in range(times):
        work()
    return times / max(time.process_time() - begun, 1e-9)
