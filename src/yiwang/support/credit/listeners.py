"""What follows when a case about a record ends."""

from yiwang.support.credit._requests import case_closed

__all__ = ["case_closed"]
