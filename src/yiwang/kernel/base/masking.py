"""Masked forms of personal values for lists and messages."""


def mask_name(name: str) -> str:
    """`张三丰` → `张**`; never longer than three signs, so a list does not tell rare names apart."""
    return name[:1] + "*" * min(max(len(name) - 1, 1), 2) if name else ""


def mask_id_number(number: str) -> str:
    """First three and last four signs stay: `110***********1234`."""
    return _middle(number, head=3, tail=4)


def mask_phone(phone: str) -> str:
    """`138****1234`."""
    return _middle(phone, head=3, tail=4)


def mask_account(number: str) -> str:
    return _middle(number, head=0, tail=4)


def mask_address(address: str) -> str:
    """The first six signs (roughly: down to the county) stay."""
    return address[:6] + "****" if address else ""


def _middle(value: str, *, head: int, tail: int) -> str:
    if len(value) <= head + tail:
        return "*" * len(value)
    return value[:head] + "*" * (len(value) - head - tail) + value[-tail:]
