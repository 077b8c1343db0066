"""The HTTP counter of one office: signed messages in, answers and reconciliation out, control for whoever plays the demo."""

import json
import threading
import time
import traceback
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from .contracts import Rejected
from .courier import Courier
from .office import Office
from .signing import is_genuine

BODY_BYTES_MAX = 2_000_000
PEOPLE_BYTES_MAX = 400_000_000
TICK_SECONDS = 0.25


class Counter(ThreadingHTTPServer):
    """Listens on loopback only."""

    daemon_threads = True

    def __init__(
        self,
        office: Office,
        courier: Courier,
        *,
        key: bytes,
        port: int,
        handler: "type[BaseHTTPRequestHandler] | None" = None,
    ) -> None:
        self.office, self.courier, self.key = office, courier, key
        self._stop = threading.Event()
        self._tries = 0
        super().__init__(("127.0.0.1", port), handler or Handler)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def start(self, *, by_hand: bool = False) -> None:
        """Opens the counter; `by_hand` leaves the work to calls of the control address."""
        threading.Thread(
            target=self.serve_forever, args=(0.05,), daemon=True, name=f"{self.office.system.id}-counter"
        ).start()
        if not by_hand:
            threading.Thread(target=self._keep_working, daemon=True, name=f"{self.office.system.id}-office").start()

    def stop(self) -> None:
        self._stop.set()
        self.shutdown()
        self.server_close()
        self.office.store.close()

    def next_try(self) -> int:
        self._tries += 1
        return self._tries

    def _keep_working(self) -> None:
        while not self._stop.wait(TICK_SECONDS):
            try:
                self.office.work()
                self.courier.deliver()
            except Exception:  # noqa: BLE001 one bad item must not close the office
                traceback.print_exc()


class Handler(BaseHTTPRequestHandler):
    server: Counter
    protocol_version = "HTTP/1.1"
    timeout = 30

    def do_GET(self) -> None:
        place = urlsplit(self.path)
        if place.path == "/control":
            return self._reply(200, self.server.office.state() | {"platform": self.server.courier.platform})
        if self._is_away() or not self._is_signed(b""):
            return None
        asked = {name: values[0] for name, values in parse_qs(place.query).items()}
        try:
            if place.path == "/messages":
                after = int(asked.get("after", "0"))
                return self._reply(
                    200, {"messages": self.server.office.answers(reference=asked.get("reference"), after=after)}
                )
            if place.path == "/reconciliation":
                return self._reconciliation(date.fromisoformat(asked.get("date", "")))
        except ValueError:
            return self._reply(422, {"code": "query.malformed", "sentence": "查询参数不正确。"})
        return self._reply(404, {"code": "not-found", "sentence": "没有这个地址。"})

    def do_POST(self) -> None:
        path = urlsplit(self.path).path
        body = self._body(PEOPLE_BYTES_MAX if path == "/control/people" else BODY_BYTES_MAX)
        if body is None:
            return None
        if path.startswith("/control"):
            return self._control(path, body)
        if path != "/messages":
            return self._reply(404, {"code": "not-found", "sentence": "没有这个地址。"})
        if self._is_away() or not self._is_signed(body):
            return None
        time.sleep(self.server.office.moods.latency_ms / 1000)
        return self._message(body)

    def _message(self, body: bytes) -> None:
        try:
            message = json.loads(body)
            if not isinstance(message, dict):
                raise Rejected(422, "message.malformed", "报文不是一个JSON对象。")
            self._reply(202, self.server.office.receive(message, body))
        except json.JSONDecodeError:
            self._reply(422, {"code": "message.malformed", "sentence": "报文不是JSON。"})
        except Rejected as error:
            headers = {"Retry-After": str(error.retry_after)} if error.retry_after else {}
            self._reply(error.status, {"code": error.code, "sentence": error.sentence}, headers)

    def _control(self, path: str, body: bytes) -> None:
        # The header keeps web pages of other sites from playing with a demo on this machine.
        if "X-Standin-Control" not in self.headers:
            return self._reply(403, {"code": "control.header", "sentence": "缺少X-Standin-Control。"})
        office = self.server.office
        try:
            if path == "/control/people":
                people = [json.loads(line) for line in body.splitlines() if line.strip()]
                with office.store.transaction():
                    for person in people:
                        office.store.put("people", str(person["id_number"]), {"book_no": person.get("book_no", "")})
                return self._reply(200, {"people": len(people)})
            wishes = json.loads(body or b"{}")
            if "platform" in wishes:
                self.server.courier.platform = str(wishes["platform"])
            state: dict[str, Any] = office.control(wishes)
            if wishes.get("work"):
                state |= {"worked": office.work(), "delivered": self.server.courier.deliver()}
        except (ValueError, KeyError, TypeError, AttributeError):
            return self._reply(422, {"code": "control.malformed", "sentence": "控制命令不正确。"})
        return self._reply(200, state)

    def _reconciliation(self, day: date) -> None:
        lines = self.server.office.reconciliation(day)
        text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in [*lines, {"total": len(lines)}])
        self._send(200, text.encode(), "application/x-ndjson", {})

    def _is_away(self) -> bool:
        """A system that is down sometimes says so and sometimes hangs up without a word."""
        if not self.server.office.is_down:
            return False
        self.close_connection = True
        if self.server.next_try() % 2:
            self._reply(503, {"code": "down", "sentence": "系统维护中。"})
        return True

    def _is_signed(self, body: bytes) -> bool:
        stamp, signature = self.headers.get("X-Yiwang-Timestamp", ""), self.headers.get("X-Yiwang-Signature", "")
        if (
            stamp.isascii()
            and stamp.isdigit()
            and is_genuine(
                self.server.key,
                signature,
                timestamp=int(stamp),
                now=time.time(),
                method=self.command,
                path=self.path,
                body=body,
            )
        ):
            return True
        self._reply(401, {"code": "message.signature", "sentence": "签名不正确或已过期。"})
        return False

    def _body(self, size_max: int) -> bytes | None:
        length = self.headers.get("Content-Length", "")
        if not length.isdigit() or int(length) > size_max:
            self.close_connection = True
            self._reply(413, {"code": "message.size", "sentence": "报文没有写明长度或过大。"})
            return None
        return self.rfile.read(int(length))

    def _reply(self, status: int, content: dict[str, Any], headers: dict[str, str] | None = None) -> None:
        self._send(status, json.dumps(content, ensure_ascii=False).encode(), "application/json", headers or {})

    def _send(self, status: int, body: bytes, media_type: str, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in {
            "Content-Type": f"{media_type}; charset=utf-8",
            "Content-Length": str(len(body)),
            **headers,
        }.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Silent: requests carry personal data in their query."""
