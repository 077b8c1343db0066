"""An HTTP client that costs next to nothing, so that clients and servers can share two cores.

Only what our own server answers is understood: a status, a length, a body, on one connection that stays open.
"""

import asyncio
import json
from typing import Any
from urllib.parse import urlencode, urlsplit

_PATIENCE_SECONDS = 120
_FORM = "application/x-www-form-urlencoded"


class Form(dict[str, str]):
    """A body that is sent as a form."""


class Client:
    """One person at one connection; keeps the sitting that a sign-in opened."""

    def __init__(self, url: str, cookies: dict[str, str] | None = None, token: str = "") -> None:
        where = urlsplit(url)
        self._host, self._port = where.hostname or "127.0.0.1", where.port or 80
        self.cookies = dict(cookies or {})
        self.token = token
        self.location = ""
        """Where the last answer leads, if anywhere."""
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def sign_in(self, username: str, password: str, door: str) -> None:
        """Open a sitting. Raises RuntimeError when it is refused."""
        status, said = await self.json(
            "POST", "/api/login/session", {"door": door, "identifier": username, "password": password}
        )
        if status != 200:
            raise RuntimeError(f"{username} could not sign in: {status} {said}")
        self.token = said["csrf_token"]

    def seated(self, other: "Client") -> "Client":
        """This connection with the sitting of another client."""
        self.cookies, self.token = other.cookies, other.token
        return self

    def again(self) -> "Client":
        """The same sitting on another connection."""
        return Client(f"http://{self._host}:{self._port}", self.cookies, self.token)

    async def json(self, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, Any]:
        """Status and answer as JSON, None for an empty or other body."""
        status, content = await self.request(method, path, body, **headers)
        try:
            return status, json.loads(content) if content else None
        except ValueError:
            return status, None

    async def request(self, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, bytes]:
        """One request; a connection that the server closed in between is opened once more."""
        fresh = self._streams is None
        try:
            return await asyncio.wait_for(self._exchange(method, path, body, headers), _PATIENCE_SECONDS)
        except (ConnectionError, asyncio.IncompleteReadError):
            await self.close()
            if fresh or method != "GET":
                raise
            return await asyncio.wait_for(self._exchange(method, path, body, headers), _PATIENCE_SECONDS)

    async def close(self) -> None:
        if self._streams:
            self._streams[1].close()
            self._streams = None

    async def _exchange(self, method: str, path: str, body: Any, headers: dict[str, str]) -> tuple[int, bytes]:
        if self._streams is None:
            self._streams = await asyncio.open_connection(self._host, self._port)
        reader, writer = self._streams
        writer.write(self._head(method, path, body, headers))
        await writer.drain()
        return await self._answer(reader)

    def _head(self, method: str, path: str, body: Any, headers: dict[str, str]) -> bytes:
        content = _encoded(body)
        lines = [f"{method} {path} HTTP/1.1", f"Host: {self._host}:{self._port}", f"Content-Length: {len(content)}"]
        if body is not None:
            lines.append(f"Content-Type: {_FORM if isinstance(body, Form) else 'application/json'}")
        if self.cookies:
            lines.append("Cookie: " + "; ".join(f"{name}={value}" for name, value in self.cookies.items()))
        if self.token:
            lines.append(f"X-CSRFToken: {self.token}")
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        return ("\r\n".join(lines) + "\r\n\r\n").encode() + content

    async def _answer(self, reader: asyncio.StreamReader) -> tuple[int, bytes]:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        if not head[0].startswith("HTTP/1."):
            await self.close()
            raise ConnectionError(f"no status line: {head[0][:40]!r}")
        length, closes, self.location = 0, False, ""
        for line in head[1:]:
            name, _, value = line.partition(": ")
            match name.lower():
                case "content-length":
                    length = int(value)
                case "location":
                    self.location = value
                case "connection":
                    closes = value.lower() == "close"
                case "set-cookie":
                    cookie, _, text = value.split(";", 1)[0].partition("=")
                    self.cookies[cookie] = text
        content = await reader.readexactly(length) if length else b""
        if closes:
            await self.close()
        return int(head[0].split(" ", 2)[1]), content


def _encoded(body: Any) -> bytes:
    if body is None:
        return b""
    return (urlencode(body) if isinstance(body, Form) else json.dumps(body, ensure_ascii=False)).encode()
