"""电子证照标识 (GB/T 36904): building, reading and checking it. Pure."""

import re
from dataclasses import dataclass

from stdnum.iso7064 import mod_37_36

ROOT = "1.2.156.3005.2"
_PARTS = re.compile(
    rf"{re.escape(ROOT)}\.(?P<type_code>[0-9A-Z]{{21}})\.(?P<issuer>[0-9A-Z]{{6}}|[0-9A-Z]{{18}})"
    r"\.(?P<serial>[0-9A-Z]{1,32})\.(?P<version>\d{3})\.(?P<check>[0-9A-Z])"
)


@dataclass(frozen=True, slots=True)
class Identifier:
    """`type_code` is the credit code of whoever defined the type and three more signs; `issuer` is a credit code."""

    type_code: str
    issuer: str
    serial: str
    version: int

    @property
    def check(self) -> str:
        """ISO 7064 MOD 37,36 over the four parts; dots and root are left out."""
        parts = f"{self.type_code}{self.issuer}{self.serial}{self.version:03d}"
        return str(mod_37_36.calc_check_digit(parts))

    def __str__(self) -> str:
        return ".".join((ROOT, self.type_code, self.issuer, self.serial, f"{self.version:03d}", self.check))


def parse(text: str) -> Identifier | None:
    """The identifier written in `text`; None when its form or its check character is wrong."""
    found = _PARTS.fullmatch(text.strip().upper())
    if found is None:
        return None
    identifier = Identifier(found["type_code"], found["issuer"], found["serial"], int(found["version"]))
    return identifier if identifier.check == found["check"] else None
