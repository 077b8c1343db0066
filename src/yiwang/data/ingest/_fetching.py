"""Deliveries that nobody brings: asked of a table or an API and laid down as a file, which is then taken in like any other."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from yiwang.data.ingest import _connections, _dropped, _feeds, _from_changes, _from_http, _from_mysql, _from_table
from yiwang.data.ingest._connections import Connection
from yiwang.data.ingest.contracts import Reach
from yiwang.data.ingest.kinds import SOURCE, FetchPart, SourcePack
from yiwang.kernel.packs import queries as packs

Ask = Callable[[FetchPart, list[str], Connection, str, Path], tuple[int, str]]
WAYS: dict[Reach, Ask] = {Reach.HTTP: _from_http.ask, Reach.POSTGRESQL: _from_table.ask, Reach.MYSQL: _from_mysql.ask}


@dataclass(frozen=True, slots=True)
class Delivery:
    """A file that is whole, and its mark: the greatest watermark in it, the place in the source's log, or the digest of a whole."""

    path: Path
    until: str


def folder(source_id: str) -> Path:
    return _dropped.folder() / "fetched" / source_id


def left(source_id: str) -> Delivery | None:
    """What was laid down whole and is not done with: its batch waits for a word, or we were cut off."""
    path = folder(source_id) / "delivery"
    if not path.is_file():
        return None
    return Delivery(path, path.with_suffix(".until").read_text("utf-8"))


def ask(source_id: str, source: SourcePack, fetch: FetchPart, *, since: str, at: datetime) -> Delivery | None:
    """Rows from `since` on; None when there are none. Raises CannotFetch."""
    place = folder(source_id)
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    (place / "asked").touch()
    part, path = place / "delivery.part", place / "delivery"
    names, connection = [column.name for column in source.columns], _connections.read(fetch.connection)
    if fetch.reach is Reach.POSTGRESQL_CHANGES:
        count, until = _changes(source_id, fetch, names, connection, part, at)
    else:
        count, until = WAYS[fetch.reach](fetch, names, connection, since, part)
    if not count:
        part.unlink(missing_ok=True)
        return None
    is_whole = fetch.watermark is None and fetch.reach is not Reach.POSTGRESQL_CHANGES
    until = _dropped.digest(part) if is_whole else until
    path.with_suffix(".until").write_text(until, encoding="utf-8")
    # Last: a file of this name is whole, and its watermark is there.
    part.replace(path)
    return Delivery(path, until)


def _changes(
    source_id: str, fetch: FetchPart, names: list[str], connection: Connection, into: Path, at: datetime
) -> tuple[int, str]:
    """Where nothing changed the position moves on too: else the source would keep its log for us without end."""
    place = _feeds.place(source_id)
    found = _from_changes.ask(fetch, names, connection, place, into)
    _feeds.looked(source_id, found.behind, at)
    if not found.rows and place.position:
        confirm(source_id, fetch, found.position)
    return found.rows, found.position


def confirm(source_id: str, fetch: FetchPart, position: str) -> None:
    """All up to there is taken in: written down here first, then said to the source. Raises CannotFetch."""
    _feeds.moved(source_id, position)
    _from_changes.confirm(_connections.read(fetch.connection), _feeds.place(source_id))


def stop(source_id: str, fetch: FetchPart) -> None:
    """The source keeps nothing for us any more, and we know of no place in it. Raises CannotFetch."""
    place = _feeds.find(source_id)
    if place:
        _from_changes.stop(_connections.read(fetch.connection), place.slot)
    _feeds.forget(source_id)
    forget(source_id)


def forget(source_id: str) -> None:
    """The delivery is done with; when we asked is kept."""
    for name in ("delivery", "delivery.until"):
        (folder(source_id) / name).unlink(missing_ok=True)


def due(at: datetime) -> Iterator[str]:
    """Ids of sources that are to be asked now."""
    for pack in packs.all_of(SOURCE):
        fetch = pack.as_type(SourcePack).fetch
        if fetch is None or not _connections.file(fetch.connection).is_file():
            continue
        asked = folder(pack.id) / "asked"
        if (
            not asked.exists()
            or at.timestamp() - asked.stat().st_mtime >= timedelta(minutes=fetch.every).total_seconds()
        ):
            yield pack.id
