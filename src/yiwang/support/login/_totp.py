"""Time-based codes of RFC 6238: six digits, thirty seconds, one step of drift; each opens once."""

import hashlib
import hmac
import secrets
from datetime import datetime

import pyotp

STEP_SECONDS = 30
DRIFT = 1
RECOVERY_CODES = 8


def new_secret() -> str:
    return pyotp.random_base32()


def uri(secret: str, *, name: str, issuer: str) -> str:
    return pyotp.TOTP(secret).provisioning_uri(name=name, issuer_name=issuer)


def step_of(secret: str, code: str, *, at: datetime, after: int) -> int | None:
    """The time step that `code` belongs to, later than `after`; None for a wrong or used code."""
    totp, now = pyotp.TOTP(secret), int(at.timestamp()) // STEP_SECONDS
    # A step that has not come yet was taken by a clock that ran ahead: it says nothing of the codes of today.
    used = after if after <= now + DRIFT else 0
    for step in range(now - DRIFT, now + DRIFT + 1):
        if step > used and hmac.compare_digest(totp.generate_otp(step), code):
            return step
    return None


def new_recovery_codes() -> list[str]:
    """Codes for a lost phone, `xxxx-xxxx`, shown once."""
    signs = "23456789abcdefghjkmnpqrstuvwxyz"
    codes = ["".join(secrets.choice(signs) for _ in range(8)) for _ in range(RECOVERY_CODES)]
    return [f"{code[:4]}-{code[4:]}" for code in codes]


def hashed(code: str) -> str:
    """40 random bits behind a lock-out need no slow hash."""
    return hashlib.sha256(code.strip().lower().replace("-", "").encode()).hexdigest()
