"""The token that number and phone tail make together: enough to check, useless to list."""

from yiwang.kernel.base.sealing import sealed_index


def tracking_key(number: str, phone: str) -> str:
    """What number and phone tail together hash to."""
    return sealed_index(f"{number}/{phone[-4:]}")
