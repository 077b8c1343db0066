"""Files of licences that strangers hand in: each check of the seal and of the register, beside the bare signatures behind them."""

from collections.abc import Callable, Iterator, Mapping
from functools import partial

from django.db import connection, transaction
from django.utils import timezone

from yiwang.demo.bench import _batch
from yiwang.demo.bench._measure import cpu_seconds
from yiwang.demo.bench.contracts import Figures, Tell
from yiwang.kernel.base.contracts import SYSTEM
from yiwang.kernel.files import queries as files
from yiwang.support.licences import actions, queries
from yiwang.support.seals import queries as seals
from yiwang.support.seals.contracts import Format

_URL = "https://bench.example/v/"
# What one verification checks: the seal and the signature, and a link of the chain of each; a PDF has its own one and its chain.
_SIGNATURES = {Format.OFD: ("sm2_verify", 4), Format.PDF: ("p256_verify", 2)}
_SLOWER = {Format.OFD: 2, Format.PDF: 20}
"""A PDF takes a tenth of the rounds of an OFD."""


def run(*, each: int, rounds: int, tell: Tell) -> Figures:
    """Files of an issued licence, verified as `/v/` does it; PDF is None where the extra is missing. Nothing stays."""
    tell("sealing a licence")
    with transaction.atomic():
        (licence_id,) = _batch.issued_ids(1)
        made = {form: _file(licence_id, form) for form in queries.copy_formats(queries.get(licence_id))}
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            (backend,) = cursor.fetchone()
        tell("verifying it")
        rates = {
            form: _best(partial(_verified, data), backend, max(1, each // _SLOWER[form]), rounds)
            for form, data in made.items()
        }
        transaction.set_rollback(True)
    bare = seals.rates(each=max(10, each // 4), rounds=1)
    return {f"{form.value}_{name}": value for form in Format for name, value in _told(form, rates.get(form), bare)}


def _file(licence_id: int, form: Format) -> bytes:
    kept = actions.sealed_copy(licence_id=licence_id, format_=form, url=_URL, by=SYSTEM, at=timezone.now())
    with files.open(kept) as stream:
        return stream.read()


def _best(verify: Callable[[], None], backend: int, times: int, rounds: int) -> float:
    found = []
    for _ in range(rounds):
        begun = cpu_seconds(backend)
        for _ in range(times):
            verify()
        found.append(times / max(cpu_seconds(backend) - begun, 0.01))
    return max(found)


def _verified(data: bytes) -> None:
    report, licence = queries.verify_file(data)
    if not report.is_valid or licence is None or not licence.is_valid:
        raise RuntimeError("a file that was just sealed is not valid")


def _told(form: Format, rate: float | None, bare: Mapping[str, float | None]) -> Iterator[tuple[str, float | None]]:
    name, count = _SIGNATURES[form]
    signature = bare[name]
    yield "per_cpu_s", round(rate, 1) if rate else None
    yield "of_bare_signatures", round(rate * count / signature, 3) if rate and signature else None
