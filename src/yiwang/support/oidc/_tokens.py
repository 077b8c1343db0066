"""Tokens of 256 random bits."""

import secrets
from typing import Any


def new_token(request: Any, refresh_token: bool = False) -> str:
    return secrets.token_urlsafe(32)
