"""Folders of pictures: one handed in by a command, and those that lie in the drop folder, `drop/scans/<form>/<batch>/`."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.conf import settings

from yiwang.data.scans import _forms
from yiwang.data.scans.contracts import PICTURES, Picture

SETTLED_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Place:
    form_id: str
    folder: Path


def pictures(folder: Path) -> list[Picture]:
    """Every picture of a folder, in the order of their names."""
    endings = tuple(PICTURES.split(","))
    found = sorted(path for path in folder.iterdir() if path.is_file() and path.name.lower().endswith(endings))
    return [Picture(path.name, path.read_bytes) for path in found]


def waiting(at: datetime) -> Iterator[Place]:
    """Folders into which nobody has written for a minute."""
    root = Path(settings.YIWANG_HOME) / "drop" / "scans"
    for form in _forms.every():
        for folder in sorted((root / form.id).glob("*/")):
            newest = max((path.stat().st_mtime for path in [folder, *folder.iterdir()]), default=0.0)
            if at.timestamp() - newest >= SETTLED_SECONDS and pictures(folder):
                yield Place(form.id, folder)


def forget(place: Place, taken: Sequence[Picture]) -> None:
    """What is kept sealed by now leaves the folder."""
    for picture in taken:
        (place.folder / picture.name).unlink()
    if not any(place.folder.iterdir()):
        place.folder.rmdir()
