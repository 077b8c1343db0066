"""Licence numbers by the rule of a pack: text with a few named places. Pure."""

import re
from collections.abc import Mapping
from datetime import date

_PLACE = re.compile(r"\{([a-z][a-z0-9]*)(?::(\d{1,2}))?\}")
PLACES = frozenset({"year", "year2", "month", "day", "region", "mark", "serial"})


def unknown_places(pattern: str) -> list[str]:
    """Names in braces that no rule knows."""
    return [name for name, _ in _PLACE.findall(pattern) if name not in PLACES]


def has_serial(pattern: str) -> bool:
    return any(name == "serial" for name, _ in _PLACE.findall(pattern))


def number(pattern: str, *, on: date, region: str, mark: str, serial: int) -> str:
    """The number: `{region:6}` takes the first six signs, `{serial:7}` fills with zeros to seven."""
    values = {
        "year": f"{on:%Y}",
        "year2": f"{on:%y}",
        "month": f"{on:%m}",
        "day": f"{on:%d}",
        "region": region,
        "mark": mark,
    }
    return _PLACE.sub(lambda place: _filled(place, values, serial), pattern)


def _filled(place: re.Match[str], values: Mapping[str, str], serial: int) -> str:
    width = int(place[2]) if place[2] else 0
    if place[1] == "serial":
        return str(serial).zfill(width)
    value = values[place[1]]
    return value[:width] if width else value
