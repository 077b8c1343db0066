"""What people's names need: rare characters as they are, old private codes made public, and IDS where no code exists."""

import re

# GB 18030 once parked these characters in the private use area; phones and old systems still send the private codes.
_PARKED_FROM = 0xE815
_PARKED = (
    "⺁𠂇𠂉𠃌⺄㑳㑇⺈⺋龴㖞㘚㘎⺌⺗㥮㤘龵㧏㧟㩳㧐龶龷㭎㱮㳠⺧𡗗龸⺪䁖䅟⺮䌷⺳⺶⺷𢦏䎱䎬⺻䏝䓖䙡䙌龹䜣䜩䝼䞍⻊䥇䥺䥽"
    "䦂䦃䦅䦆䦟䦛䦷䦶龺𤇾䲣䲟䲠䲡䱷䲢䴓䴔䴕䴖䴗䴘䴙䶮龻"
)
_PUBLIC = {_PARKED_FROM + i: sign for i, sign in enumerate(_PARKED)}

_DESCRIBED = re.compile(r"[\u2ff0-\u2fff\u31ef]")
_BINARY = frozenset("⿰⿱⿴⿵⿶⿷⿸⿹⿺⿻㇯")
_TERNARY = frozenset("⿲⿳")
_UNARY = frozenset("⿾⿿")
DEPTH_MAX = 12


def public(text: str) -> str:
    """Private codes of GB 18030-2005 and before, as the characters they meant; everything else untouched."""
    return text.translate(_PUBLIC)


def has_description(text: str) -> bool:
    """Whether the text describes a character by its parts (⿰王亢)."""
    return bool(_DESCRIBED.search(text))


def is_well_described(text: str) -> bool:
    """Whether every description in the text is complete: each operator has its parts."""
    at = 0
    while at < len(text):
        end = _part(text, at, 0)
        if end is None:
            return False
        at = end
    return True


def _part(text: str, at: int, depth: int) -> int | None:
    """Where the description or plain sign at `at` ends; None when it has no end."""
    if at >= len(text) or depth > DEPTH_MAX:
        return None
    sign = text[at]
    wanted = 3 if sign in _TERNARY else 2 if sign in _BINARY else 1 if sign in _UNARY else 0
    end: int | None = at + 1
    for _ in range(wanted):
        end = _part(text, end, depth + 1) if end is not None else None
    return end
