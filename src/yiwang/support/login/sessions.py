"""Django's session engine over our table, so that an account's sittings can be listed and ended."""

from datetime import datetime
from functools import cache
from typing import Any

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.core.signing import BadSignature, TimestampSigner, b64_encode
from django.utils import timezone
from django.utils.encoding import force_str

from yiwang.kernel.base import digests, rows
from yiwang.kernel.people import queries as people
from yiwang.kernel.people.contracts import Seat
from yiwang.kernel.workdays.queries import legal_day

OPENED_AT, SEEN_AT, DEVICE = "opened_at", "seen_at", "device"
# A name of the sitting that stays when its key changes, for those who have to hear that it is over.
MARK = "mark"
# By which ways somebody proved who they are, and when last.
METHODS, PROVED_AT = "methods", "proved_at"
# Which passkey it was, if one of the ways was one.
PASSKEY = "passkey"
_KEPT = ("session_data", "expire_date", "account_id", "opened_at", "seen_at", "device", "mark")
_LOAD = (
    "SELECT sitting.session_data, seat.* FROM login_sitting sitting LEFT JOIN LATERAL ({seat}) seat ON true "
    "WHERE sitting.session_key = %(key)s AND sitting.expire_date > %(now)s"
)


class _Signer(TimestampSigner):
    def signature(self, value: bytes | str, key: bytes | str | None = None) -> str:
        """As Django's, sooner."""
        return b64_encode(
            digests.salted(force_str(self.salt) + "signer", force_str(value), secret=force_str(key or self.key))
        ).decode()


class SessionStore(DatabaseStore):
    """Copies who, since when and on what from the session's data to columns. Who sits there is read with what the sitting holds."""

    seat: Seat | None = None

    @classmethod
    def get_model_class(cls) -> Any:
        from yiwang.support.login.models import Sitting

        return Sitting

    def load(self) -> dict[str, Any]:
        """What the sitting holds; nothing when it is over. Asked with every request."""
        now = timezone.now()
        found = rows.fetch(_load(), {"key": self.session_key, "now": now, "day": legal_day(now)})
        if not found:
            self._session_key = None
            return {}
        ((data, *seated),) = found
        self.seat = people.seat_from(seated)
        return self.decode(data)

    def decode(self, session_data: bytes | str) -> dict[str, Any]:
        """As Django does, nearly always: what it would have to say something about is left to it."""
        try:
            held: dict[str, Any] = _Signer(salt=self.key_salt).unsign_object(
                force_str(session_data), serializer=self.serializer
            )
        except (BadSignature, ValueError):
            return super().decode(session_data)
        return held

    def save(self, must_create: bool = False) -> None:
        """As Django does; one that stands is kept by one planned statement. Raises UpdateError if somebody ended it."""
        if must_create or self.session_key is None:
            super().save(must_create)
        elif not rows.keep(self.create_model_instance(dict(self.items())), _KEPT):
            raise UpdateError

    def create_model_instance(self, data: dict[str, Any]) -> Any:
        row: Any = super().create_model_instance(data)
        row.account_id = int(data[SESSION_KEY]) if SESSION_KEY in data else None
        row.opened_at = _instant(data.get(OPENED_AT))
        row.seen_at = _instant(data.get(SEEN_AT))
        row.device = data.get(DEVICE, "")
        row.mark = data.get(MARK, "")
        return row


@cache
def _load() -> str:
    return _LOAD.format(seat=people.seat_beside("sitting.account_id"))


def _instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
