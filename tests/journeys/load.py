"""A site under load that is allowed to break: filings are sent again under their own key until they are acknowledged."""

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field

from tests.patience import PATIENCE_SECONDS, until

Send = Callable[[str], tuple[int, str]]  # an Idempotency-Key to (status, number); 0 when nobody answered


@dataclass
class Load:
    """What was acknowledged under which key, and how often nobody answered or the answer was a failure."""

    send: Send
    acknowledged: dict[str, str] = field(default_factory=dict)
    unanswered: int = 0
    failed: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @contextmanager
    def running(self, keys: list[str], *, threads: int) -> Iterator[None]:
        """Send all keys from several threads while the block runs; leaves when every key is acknowledged."""
        with ThreadPoolExecutor(threads) as pool:
            sent = [pool.submit(self._until_acknowledged, key) for key in keys]
            yield
            for each in sent:
                each.result()

    def wait_for(self, count: int) -> None:
        until(lambda: len(self.acknowledged) >= count, f"fewer than {count} were acknowledged")

    def _until_acknowledged(self, key: str) -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            status, number = self.send(key)
            with self._lock:
                if status == 201:
                    self.acknowledged[key] = number
                    return
                self.unanswered += status == 0
                self.failed += status >= 500
            assert status == 0 or status >= 500, f"{key} was answered with {status} {number}"
            assert time.monotonic() < deadline, f"{key} is still not acknowledged"
            time.sleep(0.2)


def serials(numbers: list[str]) -> list[int]:
    """The running numbers in case numbers: region 6, date 8, serial 6, check sign."""
    return sorted(int(number[14:20]) for number in numbers)
