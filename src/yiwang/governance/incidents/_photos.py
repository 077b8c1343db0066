"""Photos on their way in: taken in before the report they belong to, a few at most."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.core.files.uploadedfile import UploadedFile

from yiwang.governance.incidents import _book
from yiwang.governance.incidents.contracts import BadReport
from yiwang.kernel.base.contracts import Actor, Place
from yiwang.kernel.files import actions as files

PURPOSE = "incident-photo"


def store(given: "Sequence[UploadedFile[Any]]", *, by: Actor, at: datetime) -> tuple[int, ...]:
    """Ids of the photos, in their order. Raises BadReport when there are too many, BadFile when one is no picture."""
    most = _book.policy().photos_max
    if len(given) > most:
        raise BadReport("照片太多。", places=[Place("photos", f"照片最多{most}张。")])
    kept = [files.store_photo(stream=each, purpose=PURPOSE, owner_party_id=None, by=by, at=at) for each in given]
    return tuple(each.id for each in kept)
