"""What `yiwang bench trust` measures adds up, and leaves nothing behind."""

from tests.world import World
from yiwang.demo.bench import queries
from yiwang.support.licences.models import Batch, Licence


def test_a_batch_is_issued_and_inserted_whole_and_taken_back(world: World) -> None:
    told = queries.batch(lines=30, tell=lambda _: None)
    assert told["lines"] == 30
    assert all(told[name] > 0 for name in ("read_per_cpu_s", "issued_per_cpu_s", "bare_insert_per_cpu_s"))
    assert not Licence.objects.exists()
    assert not Batch.objects.exists()


def test_codes_are_checked_beside_the_bare_signature() -> None:
    told = queries.codes(each=5, rounds=1)
    assert set(told) == {"code_made", "code_checked", "p256_verify", "code_checked_of_bare_verify"}
    assert all(rate > 0 for rate in told.values())
