"""The lot that says whether a decision is checked: anybody can draw it again from what is public.

SHA-256 of the checkpoint's root, the case's number and the verdict's number, each on a line; the first eight bytes, as a share of
all that they could be, times a million. Nobody knows the root before the decision is in the ledger.
"""

import hashlib

MILLION = 1_000_000


def lot(root: str, case_number: str, verdict_id: int) -> int:
    """A number from 0 to 999,999."""
    drawn = hashlib.sha256(f"{root}\n{case_number}\n{verdict_id}".encode()).digest()
    return int.from_bytes(drawn[:8], "big") * MILLION >> 64


def is_drawn(number: int, share: int) -> bool:
    """Whether a lot is among the share of a hundred."""
    return number * 100 < share * MILLION
