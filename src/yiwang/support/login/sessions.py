"""Django's session engine over our table, so that an account's sittings can be listed and ended."""

from datetime import datetime
from typing import Any

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore

OPENED_AT, SEEN_AT, DEVICE = "opened_at", "seen_at", "device"


class SessionStore(DatabaseStore):
    """Copies who, since when and on what from the session's data to columns."""

    @classmethod
    def get_model_class(cls) -> Any:
        from yiwang.support.login.models import Sitting

        return Sitting

    def create_model_instance(self, data: dict[str, Any]) -> Any:
        row: Any = super().create_model_instance(data)
        row.account_id = int(data[SESSION_KEY]) if SESSION_KEY in data else None
        row.opened_at = _instant(data.get(OPENED_AT))
        row.seen_at = _instant(data.get(SEEN_AT))
        row.device = data.get(DEVICE, "")
        return row


def _instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
