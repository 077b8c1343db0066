"""Masked forms of the values that pairs show in lists."""

from yiwang.kernel.base import masking


def shown(role: str, value: str, is_open: bool) -> str:
    """A value as it is, or as a list shows it. Names of firms and their codes are public."""
    if is_open:
        return value
    if role == "name" and len(value) > 4:
        return value
    masks = {"name": masking.mask_name, "leader": masking.mask_name, "id_number": masking.mask_id_number,
             "phone": masking.mask_phone, "address": masking.mask_address}  # fmt: skip
    mask = masks.get(role)
    if role == "born_on":
        return f"{value[:4]}-**-**" if value else ""
    return mask(value) if mask else value
