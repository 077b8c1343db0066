"""Carries an office's answers to the platform, signed, and again until they are taken."""

import http.client
import json
import time
from urllib.parse import urlsplit

from .office import Office
from .signing import sign

ATTEMPTS_MAX = 40
WAIT_SECONDS_MAX = 600
AT_ONCE_MAX = 100


class Courier:
    def __init__(self, office: Office, *, platform: str, key: bytes) -> None:
        self._office, self._key = office, key
        self.platform = platform

    def deliver(self) -> int:
        """Posts what is due; returns how many were taken."""
        office = self._office
        if office.is_down:
            return 0
        due = office.store.rows(
            "SELECT p.id, p.attempts, a.* FROM posting p JOIN answer a USING (sequence) WHERE p.state = 'waiting' AND p.deliver_at <= ?"
            " ORDER BY p.deliver_at, p.id LIMIT ?",
            *(office.now(), AT_ONCE_MAX),
        )
        taken = 0
        for row in due:
            status = self._post(json.dumps(office.message(row), ensure_ascii=False).encode())
            taken += self._note(int(row["id"]), int(row["attempts"]) + 1, status)
            if status >= 500:
                break  # nobody at home: the rest would only wait in line for the same answer
        return taken

    def _note(self, posting: int, attempts: int, status: int) -> bool:
        store, is_taken = self._office.store, 200 <= status < 300
        if is_taken or attempts >= ATTEMPTS_MAX or (400 <= status < 500 and status not in (408, 429)):
            store.run(
                "UPDATE posting SET state = ?, attempts = ?, trouble = ? WHERE id = ?",
                *("taken" if is_taken else "given-up", attempts, "" if is_taken else str(status), posting),
            )
            return is_taken
        wait = min(WAIT_SECONDS_MAX, 2**attempts)
        store.run(
            "UPDATE posting SET deliver_at = ?, attempts = ?, trouble = ? WHERE id = ?",
            self._office.now() + wait,
            attempts,
            str(status),
            posting,
        )
        return False

    def _post(self, body: bytes) -> int:
        """The status of the answer, 599 when nobody answers."""
        place = urlsplit(self.platform)
        path = place.path.rstrip("/") + self._office.callback_path
        stamp = int(time.time())
        headers = {
            "Content-Type": "application/json",
            "X-Yiwang-Timestamp": str(stamp),
            "X-Yiwang-Signature": sign(self._key, timestamp=stamp, method="POST", path=path, body=body),
        }
        connection_type = http.client.HTTPSConnection if place.scheme == "https" else http.client.HTTPConnection
        connection = connection_type(place.hostname or "127.0.0.1", place.port, timeout=10)
        try:
            connection.request("POST", path, body, headers)
            return connection.getresponse().status
        except (OSError, http.client.HTTPException):
            return 599
        finally:
            connection.close()
