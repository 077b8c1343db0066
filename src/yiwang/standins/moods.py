"""How badly an outside system behaves, decided by seed so that a bad day can be played again."""

import hashlib
from dataclasses import dataclass, fields, replace


@dataclass(frozen=True)
class Moods:
    """Shares are per thousand references."""

    refuse: int = 20
    duplicate: int = 100
    shuffle: int = 60
    lose: int = 5
    # Of a mail server: says "later" to a try, or hangs up after the first taking of a letter.
    defer: int = 0
    drop: int = 0
    latency_ms: int = 0
    slow_factor: int = 1

    def changed(self, wishes: dict[str, object]) -> "Moods":
        known = {field.name for field in fields(self)}
        numbers = {
            name: value
            for name, value in wishes.items()
            if name in known and type(value) is int and 0 <= value <= 100_000
        }
        return replace(self, **numbers)


@dataclass(frozen=True)
class Chance:
    seed: str
    reference: str

    def number(self, purpose: str, below: int) -> int:
        digest = hashlib.sha256(f"{self.seed}|{self.reference}|{purpose}".encode()).digest()
        return int.from_bytes(digest[:6], "big") % below

    def falls(self, purpose: str, permille: int) -> bool:
        return self.number(purpose, 1000) < permille
