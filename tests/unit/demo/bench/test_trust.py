"""What `yiwang bench trust` measures adds up, and leaves nothing behind."""

import asyncio
import importlib.util

import pytest
from django.utils import timezone
from pytest_django.live_server_helper import LiveServer

from tests.world import World
from yiwang.demo.bench import _logins, queries
from yiwang.demo.bench.contracts import TrustEffort
from yiwang.kernel.base.contracts import SYSTEM
from yiwang.kernel.orgs import queries as orgs
from yiwang.site.cli import bench
from yiwang.support.credit.models import CreditCheck
from yiwang.support.licences.models import Batch, Licence
from yiwang.support.oidc import actions as oidc
from yiwang.support.oidc.models import Visit
from yiwang.support.seals import actions as seals

LITTLE = TrustEffort(each=10, rounds=1, lines=30)


def tell(sentence: str) -> None:
    """Nobody listens."""


def test_the_command_line_knows_every_part() -> None:
    assert list(queries.TRUST) == [*bench._TRUST_BY_ITSELF, *bench._TRUST_ON_A_SITE]


def test_a_batch_is_issued_and_inserted_whole_and_taken_back(world: World) -> None:
    told = queries.TRUST["batch"](None, LITTLE, tell)
    assert told["lines"] == 30
    assert all(told[name] > 0 for name in ("read_per_cpu_s", "issued_per_cpu_s", "bare_insert_per_cpu_s"))
    assert not Licence.objects.exists()
    assert not Batch.objects.exists()


def test_codes_are_checked_beside_the_bare_signature() -> None:
    told = queries.TRUST["codes"](None, LITTLE, tell)
    assert set(told) == {"code_made", "code_checked", "p256_verify", "code_checked_of_bare_verify"}
    assert all(rate > 0 for rate in told.values())


def test_files_are_verified_against_the_register_and_taken_back(world: World) -> None:
    unit = orgs.of_kind("health")[0]
    seals.found_authority(by=SYSTEM, at=timezone.now())
    seals.make_seal(org_id=unit.id, kind="licence", name=unit.name, grounds="测速", by=SYSTEM, at=timezone.now())
    told = queries.TRUST["verify"](None, LITTLE, tell)
    assert told["ofd_per_cpu_s"] > 0
    assert 0 < told["ofd_of_bare_signatures"] < 2
    assert (told["pdf_per_cpu_s"] is None) == (importlib.util.find_spec("pyhanko") is None)
    assert not Licence.objects.exists()


def test_firms_are_checked_beside_the_bare_select(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("yiwang.demo.bench._credit.FIRMS", 60)
    monkeypatch.setattr("yiwang.demo.bench._credit.BATCH", 20)
    told = queries.TRUST["credit"](None, LITTLE, tell)
    assert all(rate > 0 for rate in told.values())
    assert "a_million_a_day_single_cores" not in told
    assert CreditCheck.objects.count() == LITTLE.each + 1


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_sign_in_goes_its_whole_way(live_server: LiveServer, world: World) -> None:
    oidc.roll_keys(by=SYSTEM, at=timezone.now(), at_once=True)
    met = _logins.make()

    async def twice() -> None:
        seat = await _logins._seat(live_server.url, met.usernames[0])
        await _logins.sign_in(seat, met.client)
        await _logins.sign_in(seat, met.client)
        await seat.close()

    asyncio.run(twice())
    assert Visit.objects.count() == 2
