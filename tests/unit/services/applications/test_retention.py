"""What a filing leaves when its time is over: its materials' names, and what others still need of its files."""

from collections.abc import Callable
from datetime import timedelta

from tests.unit.kernel.retention.test_retention import as_owner
from tests.unit.services.applications.test_applications import filed, take, upload
from tests.world import World
from yiwang.kernel.base.contracts import SYSTEM
from yiwang.kernel.files.contracts import ERASED
from yiwang.kernel.files.models import StoredFile
from yiwang.kernel.retention import actions as retention
from yiwang.services.applications.contracts import MaterialInput
from yiwang.services.applications.models import FiledMaterial, Filing, KeptFile

__all__ = ["as_owner"]


def test_files_and_addresses_go_unless_somebody_keeps_them(world: World, as_owner: Callable[[], None]) -> None:
    first, second = upload(world), upload(world)
    case = filed(world, "standard.permit", invoice=MaterialInput(first), photo=MaterialInput(second))
    still = filed(world, "standard.permit", invoice=MaterialInput(upload(world)))
    KeptFile.objects.filter(file=second).delete()
    take(world, case, "intake", "refuse", "health.clerk", grounds="不属于本机关职权范围")
    as_owner()
    reports = [
        retention.erase_due(by=SYSTEM, at=world.at + timedelta(days=366 * years), store="applications.filed")
        for years in (29, 31, 32)
    ]
    assert [report.count for each in reports for report in each] == [0, 1, 0]
    assert set(FiledMaterial.objects.filter(case=case.id).values_list("file", flat=True)) == {None}
    assert FiledMaterial.objects.filter(case=still.id, file__isnull=False).exists()
    assert (Filing.objects.get(case=case.id).phone, Filing.objects.get(case=case.id).phone_key) == (None, "")
    erased = set(StoredFile.objects.filter(purpose=ERASED).values_list("pk", flat=True))
    assert (first in erased, second in erased) == (False, True)
