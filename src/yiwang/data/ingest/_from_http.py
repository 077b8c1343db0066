"""Somebody's API, page by page, as one line of JSON a row."""

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx

from yiwang.data.ingest._connections import Connection
from yiwang.data.ingest.contracts import CannotFetch
from yiwang.data.ingest.kinds import FetchPart, PagingPart

ANSWER_BYTES_MAX = 64 * 1024 * 1024
PAGES_MAX = 100_000
SECONDS = httpx.Timeout(60, connect=10)
NOT_NOW = frozenset({408, 425, 429, 500, 502, 503, 504})
TRIES, WAIT_SECONDS_MAX = 4, 60.0


def ask(fetch: FetchPart, names: list[str], connection: Connection, since: str, into: Path) -> tuple[int, str]:
    """Rows written as lines of JSON, and the greatest watermark among them. Raises CannotFetch. `names` stay the answer's."""
    headers = {connection.header: connection.key} if connection.key else {}
    query = {fetch.since: since} if fetch.since and since else {}
    count, until = 0, since
    with (
        # A redirect would hand the key to somebody else.
        httpx.Client(headers=headers, timeout=SECONDS, follow_redirects=False) as client,
        open(into, "w", encoding="utf-8", errors="replace") as stream,
    ):
        for row in _rows(client, connection.address.rstrip("/") + str(fetch.path), query, fetch):
            stream.write(json.dumps(row, ensure_ascii=False) + "\n")
            count += 1
            if fetch.watermark:
                until = _greater(until, row.get(fetch.watermark))
    return count, until


def _rows(client: httpx.Client, url: str, query: dict[str, str], fetch: FetchPart) -> Iterator[dict[str, Any]]:
    seen: set[str] = set()
    told, there = _first(fetch.paging), 0
    for _ in range(PAGES_MAX):
        answer = _answered(client, url, query | told)
        rows = _at(answer, fetch.rows)
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise CannotFetch("接口的答复里没有行。", hint=f"请核对数据源的 rows（现为“{fetch.rows}”）与接口的答复。")
        yield from rows
        there += len(rows)
        following = _next(fetch.paging, answer, told, len(rows), there)
        if following is None:
            return
        mark = json.dumps(following, sort_keys=True)
        if mark in seen:
            raise CannotFetch("接口翻页没有前进。", hint="同一页给了两次；请核对翻页方式或联系对方。")
        seen.add(mark)
        told = following
    raise CannotFetch("接口的页数没有尽头。", hint=f"至多取{PAGES_MAX}页；请核对翻页方式。")


def _first(paging: PagingPart | None) -> dict[str, str]:
    if paging is None:
        return {}
    size = {paging.size_parameter: str(paging.size)} if paging.size_parameter else {}
    if paging.by == "cursor":
        return size
    return size | {paging.parameter: str(paging.first if paging.by == "page" else 0)}


def _next(paging: PagingPart | None, answer: Any, told: dict[str, str], rows: int, there: int) -> dict[str, str] | None:
    """What to ask with for the next page; None after the last."""
    if paging is None:
        return None
    if paging.by == "cursor":
        cursor = _at(answer, paging.next)
        return told | {paging.parameter: str(cursor)} if cursor not in (None, "") else None
    if not rows:
        return None
    number = int(told[paging.parameter]) + 1 if paging.by == "page" else there
    return told | {paging.parameter: str(number)}


def _answered(client: httpx.Client, url: str, query: dict[str, str]) -> Any:
    """The page asked for, tried again while the other side is busy."""
    for attempt in range(TRIES):
        status, wait, content = _one(client, url, query)
        if status == 200:
            try:
                return json.loads(content, parse_float=str, parse_constant=_no_number)
            except ValueError:
                raise CannotFetch("接口的答复不是完整的JSON。", hint="请联系对方。") from None
        if status not in NOT_NOW:
            raise CannotFetch(f"接口回答了{status}。", hint="请核对连接的地址和密钥。")
        if attempt + 1 < TRIES:
            time.sleep(min(wait if wait is not None else 2.0**attempt, WAIT_SECONDS_MAX))
    raise CannotFetch("接口一直没有给出数据。", hint="对方忙或不通，稍后会再试。")


def _one(client: httpx.Client, url: str, query: dict[str, str]) -> tuple[int, float | None, bytes]:
    """Status (503 when nobody answers), how long to wait, content."""
    try:
        with client.stream("GET", url, params=query) as answer:
            content = bytearray()
            for piece in answer.iter_bytes():
                content += piece
                if len(content) > ANSWER_BYTES_MAX:
                    raise CannotFetch("接口的一页太大。", hint="一页至多64 MB；请减小页大小。")
            wait = answer.headers.get("Retry-After", "")
            return answer.status_code, float(wait) if wait.isdigit() else None, bytes(content)
    except httpx.HTTPError:
        return 503, None, b""


def _no_number(text: str) -> float:
    raise ValueError(text)


def _at(answer: Any, place: str) -> Any:
    for name in place.split(".") if place else ():
        answer = answer.get(name) if isinstance(answer, dict) else None
    return answer


def _greater(until: str, value: object) -> str:
    """Numbers by size, all else as text; a row without one moves nothing."""
    text = "" if value is None else str(value)
    if not text or not until:
        return text or until
    if text.isdecimal() and until.isdecimal():
        return max(text, until, key=int)
    return max(text, until)
