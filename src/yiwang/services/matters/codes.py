"""Item codes of every known form, read and built. Pure; other apps come through `queries`."""

from typing import ClassVar, Protocol

from yiwang.services.matters._dashed_codes import parse_dashed
from yiwang.services.matters._standard_codes import HandlingCode, ImplementationCode, Uscc, read_base
from yiwang.services.matters.contracts import CodeUnreadable, Component


class ItemCode(Protocol):
    """What every form of code offers; `str(code)` builds the text it was read from."""

    form: ClassVar[str]

    def __str__(self) -> str: ...

    @property
    def components(self) -> tuple[Component, ...]: ...

    @property
    def item(self) -> str:
        """The part that names the item, whoever carries it out."""
        ...

    @property
    def matter_type(self) -> str | None:
        """Type code of GB/T 39046 A.1, or None where the form does not tell."""
        ...


def parse(text: str) -> ItemCode:
    """Read an item code of any known form. Raises CodeUnreadable naming the part that is wrong."""
    if "-" in text:
        return parse_dashed(text)
    match len(text):
        case 12:
            return read_base(text)
        case 31:
            return build(base=text[19:], uscc=text[:18], level=text[18])
        case 33:
            return build(base=text[19:31], uscc=text[:18], level=text[18], option=text[31:])
    raise CodeUnreadable(
        f"事项编码有{len(text)}位。",
        hint="基本编码12位，实施编码31位，业务办理项编码33位；旧编码各段之间有“-”。",
    )


def build(*, base: str, uscc: str = "", level: str = "", option: str = "") -> ItemCode:
    """Put a standard code together: 12 signs from `base`, 31 with `uscc` and `level`, 33 with `option`.

    Raises CodeUnreadable.
    """
    code = read_base(base)
    if not (uscc or level or option):
        return code
    whole = ImplementationCode(Uscc.read(uscc), level, code)
    return HandlingCode(whole, option) if option else whole
