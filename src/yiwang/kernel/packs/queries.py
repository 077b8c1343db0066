"""Reading packs: from the release in force, from earlier releases by hash, and straight from a folder."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from datetime import datetime
from functools import cache, partial
from pathlib import Path
from typing import Any

from django.conf import settings

from yiwang.kernel.base.contracts import PackInvalid
from yiwang.kernel.base.paging import Page, keyset
from yiwang.kernel.packs import _build, _diff, _json_schema, _places, _reader, _store
from yiwang.kernel.packs._names import kind_title
from yiwang.kernel.packs.contracts import Change, Pack, PackNotFound, PackSet, Problem, ReleaseView, Sheet

refresh = _store.look_again


def current() -> PackSet:
    """The packs in force."""
    return _store.current()


def get(kind: str, pack_id: str, version: int | None = None) -> Pack:
    """A pack in force, its latest version unless one is named (`x.y@2`); a version no longer in force comes from its release. Raises PackNotFound."""
    pack = find(kind, pack_id, version)
    return pack if pack else current().get(kind, pack_id, version)


def find(kind: str, pack_id: str, version: int | None = None) -> Pack | None:
    """As `get`; None when absent."""
    pack = current().find(kind, pack_id, version)
    name, _, tail = pack_id.partition("@")
    wanted = version if version is not None else int(tail) if tail.isdigit() and len(tail) < 5 else None
    if pack is None and wanted is not None and current().release:
        return _store.stored(kind, name, version=wanted)
    return pack


def all_of(kind: str) -> list[Pack]:
    """The latest version of every pack of a kind, by id."""
    return current().all_of(kind)


def by_hash(kind: str, pack_id: str, content_hash: str) -> Pack:
    """The very content that a record was begun under, of whatever release. Raises PackNotFound."""
    held = next((pack for pack in current().versions(kind, pack_id) if pack.hash == content_hash), None)
    pack = held or _store.stored(kind, pack_id, hash=content_hash)
    if pack is None:
        said = f"没有内容为 {content_hash[:12]} 的{kind_title(kind)}“{pack_id}”。"
        raise PackNotFound(said, hint="请从备份恢复配置包的历史。")
    return pack


def using(source: PackSet | Path | Callable[[], PackSet]) -> AbstractContextManager[None]:
    """Take packs from a set, a folder or a function (at first need), not from the database, inside the block: commands, tests."""
    if isinstance(source, PackSet):
        return _store.using(lambda: source)
    if isinstance(source, Path):
        return _store.using(cache(partial(read, source)))
    return _store.using(source)


def check(root: Path) -> list[Problem]:
    """Everything that is wrong with the packs of a folder, for every place in it."""
    readings = _reader.read_all(root)
    found = dict.fromkeys(problem for reading in readings for problem in reading.problems)
    everywhere = {(problem.path, problem.line, problem.where) for problem in found if not problem.place}
    found = {each: None for each in found if not each.place or (each.path, each.line, each.where) not in everywhere}
    return sorted(found, key=lambda problem: (problem.path, problem.line))


def read(root: Path, place: str | None = None, *, alone: bool = False) -> PackSet:
    """The packs of a folder for one place (YIWANG_PLACE, the only one or the default one) and those below it.

    `alone` leaves the places below out. Raises PackInvalid with every problem.
    """
    readings = _reader.read_all(root)
    if not any(reading.packs.place for reading in readings):
        raise _invalid(root, [problem for reading in readings for problem in reading.problems])
    top = _places.chosen(readings, place or str(getattr(settings, "YIWANG_PLACE", "")))
    if top is None:
        names = "、".join(reading.packs.place for reading in readings)
        raise PackInvalid(f"{root}: 有几个地方的配置包（{names}），不知道用哪一个。", hint="请设 YIWANG_PLACE。")
    wanted = [reading for reading in readings if set(reading.chain) <= set(top.chain)]
    if not alone:
        wanted += [reading for reading in readings if top.packs.place in reading.chain[:-1]]
    problems = list(dict.fromkeys(problem for reading in wanted for problem in reading.problems))
    packs = top.packs if alone or problems else _places.served(top, wanted, problems)
    if problems:
        raise _invalid(root, problems)
    return packs


def _invalid(root: Path, problems: Iterable[Problem]) -> PackInvalid:
    return PackInvalid("\n".join(map(str, dict.fromkeys(problems))), hint=f"\n改好后请运行 yiwang packs check {root}。")


def schemas() -> dict[str, dict[str, Any]]:
    """JSON Schema of every kind by file name, and `pack.schema.json` for all of them: for editors."""
    return _json_schema.schemas()


def build(packs: PackSet) -> Iterator[Sheet]:
    """Everything `packs build` writes: schemas, editor settings, and the manual of each place served."""
    return _build.build(packs, using)


def diff(root: Path) -> list[Change]:
    """What loading a folder would change. Raises PackInvalid."""
    return _diff.changes(_store.recorded(), read(root))


def diff_releases(first: int, second: int) -> list[Change]:
    """What changed from one release to another. Raises PackNotFound for a release that never was."""
    return _diff.changes(_recorded(first), _recorded(second))


def releases(*, cursor: str | None = None, size: int = 20) -> Page[ReleaseView]:
    """The releases, newest first."""
    page = keyset(_store.releases(), order=("-id",), cursor=cursor, size=size)
    return page.map(_store.release_view)


def loaded_at(wanted: Iterable[Pack]) -> dict[tuple[str, str, str], datetime]:
    """When each content was first in force, by kind, id and hash; one query, nothing for what was never loaded."""
    return _store.loaded_at(wanted)


def release_before(number: int) -> int | None:
    """The number of the release that was in force before one; None for the first."""
    return _store.releases().filter(pk__lt=number).order_by("-id").values_list("id", flat=True).first()


def _recorded(number: int) -> PackSet:
    found = _store.recorded(number)
    if not found.release:
        raise PackNotFound(f"没有第 {number} 版配置包。", hint="请在发布版列表中查看编号。")
    return found
