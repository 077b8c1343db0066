"""How long a visitor's thread waits for a database that does not answer."""

import time
from typing import Any, TypeVar

import psycopg
from psycopg.abc import PQGen

Value = TypeVar("Value")
CONNECT_SECONDS = 10.0
# A statement of a page takes milliseconds, one that waits for a lock perhaps seconds.
STATEMENT_SECONDS = 20.0


class Bounded(psycopg.Connection[Any]):
    """A connection that is given up when the server says nothing for too long.

    The server's own limits do not help where the server, its machine or the network stands still.
    """

    def wait(self, gen: PQGen[Value], interval: float = 0.1, timeout: float | None = None) -> Value:
        """Raises OperationalError when the time is up; what the server made of the statement is unknown."""
        begun = time.monotonic()
        try:
            return super().wait(gen, interval, STATEMENT_SECONDS if timeout is None else timeout)
        except psycopg.OperationalError:
            if timeout is None and time.monotonic() - begun >= STATEMENT_SECONDS:
                # An answer may still come, and nobody may take it for that of another statement.
                self.pgconn.finish()
            raise
