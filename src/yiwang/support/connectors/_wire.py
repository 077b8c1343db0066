"""The HTTP side: one message out, answers and reconciliation in. Knows nothing of records."""

import json
import os
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import httpx
from django.conf import settings
from django.utils import timezone

from yiwang.support.connectors import _signing
from yiwang.support.connectors.contracts import CannotReach, Peer
from yiwang.support.connectors.kinds import STANDIN, OutsideSystem

ANSWER_BYTES_MAX = 64 * 1024 * 1024
RETRY_AFTER_MAX = 24 * 3600
NOT_NOW = frozenset({408, 425, 500, 502, 503, 504})
OUR_FAULT = frozenset({401, 403, 404})


@dataclass(frozen=True, slots=True)
class Sent:
    """They have it. `is_all` where nobody tells more of it: a mail server's word is its last, unless the letter comes back."""

    receipt: str
    is_all: bool = False


@dataclass(frozen=True, slots=True)
class Refused:
    """Turned away for good: this message as it is will never be taken."""

    code: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Later:
    """This one message has to wait; the line itself is well. `grows` where each refusal makes the next wait longer."""

    wait: timedelta
    grows: bool = False


@dataclass(frozen=True, slots=True)
class Unreachable:
    trouble: str


Outcome = Sent | Refused | Later | Unreachable


def post(system: OutsideSystem, body: bytes) -> Outcome:
    """Sends one message and says what became of it; never raises for what the other side does."""
    try:
        status, headers, content = _call(system, "POST", "/messages", body)
    except CannotReach as error:
        return Unreachable(error.code)
    if status == 429:
        wait = headers.get("Retry-After", "")
        return Later(timedelta(seconds=min(int(wait) if wait.isdigit() else 60, RETRY_AFTER_MAX)))
    if status in NOT_NOW or status in OUR_FAULT:
        return Unreachable(f"http-{status}")
    answer = _object(content)
    if 200 <= status < 300:
        return Sent(str(answer.get("receipt", ""))[:80])
    return Refused(
        str(answer.get("code") or f"http-{status}")[:80], str(answer.get("sentence") or "对方系统不受理。")[:300]
    )


def answers(system: OutsideSystem, *, reference: str | None = None, after: int = 0) -> list[dict[str, Any]]:
    """What they answered, in their order. Raises CannotReach."""
    query = {"after": str(after)} | ({"reference": reference} if reference else {})
    found = _object(_get(system, "/messages", query)).get("messages")
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def reconciliation(system: OutsideSystem, day: date) -> list[dict[str, Any]]:
    """Their list of a day. Raises CannotReach, also when the file is cut short."""
    lines = list(_lines(_get(system, "/reconciliation", {"date": day.isoformat()})))
    if not lines or lines[-1].get("total") != len(lines) - 1:
        raise CannotReach("对方的对账文件不完整。", hint="请稍后再对账。")
    return lines[:-1]


def exchange(peer: Peer, method: str, path: str, body: bytes) -> tuple[int, bytes]:
    """One signed request to a peer: status and content. Raises CannotReach when nobody answers in time."""
    status, _, content = _speak(peer, method, path, body)
    return status, content


def url_of(system: OutsideSystem | Peer) -> str:
    """The environment's word goes over the pack's. Raises CannotReach when neither says."""
    url = getattr(settings, system.url_setting, "") or os.environ.get(system.url_setting) or system.url
    if url.startswith(STANDIN):
        url = _standins().get(url.removeprefix(STANDIN) or system.id, "")
    if not url:
        raise CannotReach("没有配置该系统的地址。", hint=f"请设置 {system.url_setting}。", code="no-address")
    return str(url).rstrip("/")


def is_mail(system: OutsideSystem) -> bool:
    """Whether the system is a mail server. Raises CannotReach."""
    return url_of(system).startswith(("smtp:", "smtps:"))


def _standins() -> dict[str, str]:
    """The played systems write down where they listen; a free port each time."""
    try:
        found = json.loads((Path(settings.YIWANG_HOME) / "standins" / "addresses.json").read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return {str(name): str(url) for name, url in found.items()}


def _get(system: OutsideSystem, path: str, query: dict[str, str]) -> bytes:
    status, _, content = _call(system, "GET", f"{path}?{urlencode(query)}", b"")
    if status != 200:
        raise CannotReach(f"对方系统回答了{status}。", hint="请稍后再试。", code=f"http-{status}")
    return content


def _call(system: OutsideSystem, method: str, path: str, body: bytes) -> tuple[int, httpx.Headers, bytes]:
    waits = system.timeouts
    peer = Peer(system.id, system.url, system.url_setting, waits.connect, waits.answer)
    return _speak(peer, method, path, body)


def _speak(peer: Peer, method: str, path: str, body: bytes) -> tuple[int, httpx.Headers, bytes]:
    url = url_of(peer) + path
    parts = urlsplit(url)
    signed_path = parts.path + (f"?{parts.query}" if parts.query else "")
    headers = _signing.headers(peer.id, method=method, path=signed_path, body=body, at=_wall_clock())
    timeout = httpx.Timeout(peer.answer, connect=peer.connect)
    try:
        # No proxy from the environment: personal data goes straight to the address an operator configured.
        with (
            httpx.Client(trust_env=False, timeout=timeout, verify=_trusted()) as client,
            client.stream(method, url, content=body, headers={"Content-Type": "application/json", **headers}) as answer,
        ):
            return answer.status_code, answer.headers, b"".join(_bounded(answer))
    except httpx.HTTPError as error:
        raise CannotReach("对方系统没有回答。", hint="稍后会自动重试。", code=_word(error)) from error


@cache
def _trusted() -> ssl.SSLContext:
    """The authorities that vouch for addresses, read once a process: reading them costs more than a call."""
    return httpx.create_ssl_context(trust_env=False)


def _wall_clock() -> datetime:
    """A signature tells the true time, whatever time the case lives in (a replayed day, a test)."""
    return timezone.now()


def _bounded(answer: httpx.Response) -> Iterator[bytes]:
    size = 0
    for chunk in answer.iter_bytes():
        size += len(chunk)
        if size > ANSWER_BYTES_MAX:
            raise CannotReach("对方系统的回答过大。", hint="请联系对方系统管理员。", code="answer-too-large")
        yield chunk


def _word(error: httpx.HTTPError) -> str:
    return "timeout" if isinstance(error, httpx.TimeoutException) else "no-answer"


def _object(content: bytes) -> dict[str, Any]:
    try:
        found = json.loads(content)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _lines(content: bytes) -> Iterator[dict[str, Any]]:
    for line in content.splitlines():
        if line.strip():
            yield _object(line)
