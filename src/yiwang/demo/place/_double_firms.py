"""Made-up firms that stand in several registers, with errors by the shares of the pack, and which is which."""

from typing import TYPE_CHECKING

import numpy as np

from yiwang.demo.place import _draws
from yiwang.demo.place._double_ground import Ground, Wrong, address, choose, phone
from yiwang.demo.place._draws import Draws, Swaps, Whole, falling

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

CHUNK = 100_000
_SIGNS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_ORG_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
# A lookalike may follow each first of so many.
_EVERY = 4

TABLES = """
CREATE TABLE {name} (record BIGINT, source VARCHAR, name VARCHAR, code VARCHAR, leader VARCHAR, phone VARCHAR, address VARCHAR);
CREATE TABLE {name}_truth (record BIGINT, firm BIGINT, copy TINYINT, lookalike VARCHAR, errors VARCHAR[])
"""
_SIGN = "CASE WHEN {0} = 0 THEN '' ELSE chr({0}::INTEGER) END"
_INSERT = """
INSERT INTO {name} SELECT record, $sources[source + 1],
  CASE name_form WHEN 1 THEN brand || trade || kind WHEN 2 THEN brand || '（' || region || '）' || trade || kind
    WHEN 3 THEN brand || trade ELSE region || brand || trade || kind END
    || CASE WHEN lookalike = 1 AND name_form <> 3 THEN towns[place_of_branch + 1].rest[1:3] || '分公司' ELSE '' END,
  CASE code_form WHEN 1 THEN NULL WHEN 2 THEN printf('%06d%09d', county, old)
    WHEN 3 THEN lower(code) WHEN 4 THEN translate(code, '0123456789', '０１２３４５６７８９') ELSE code END,
  CASE WHEN has_leader THEN leader END,
  CASE WHEN phone > 0 THEN CAST(phone AS VARCHAR) END,
  CASE WHEN place >= 0 THEN CASE style
    WHEN 1 THEN towns[place + 1].city || towns[place + 1].rest || street WHEN 2 THEN towns[place + 1].rest || street
    WHEN 3 THEN street WHEN 4 THEN translate(towns[place + 1].whole || street, '0123456789', '０１２３４５６７８９')
    ELSE towns[place + 1].whole || street END END
FROM (SELECT *, {brand} AS brand, {leader} AS leader, $trades[trade_no + 1] AS trade, $types[type_no + 1][type_form + 1] AS kind,
  CASE region_no WHEN 0 THEN $towns[1].city WHEN 1 THEN towns[home + 1].rest[1:3] ELSE rtrim($towns[1].city, '市') END AS region,
  $roads[road + 1] || CAST(house AS VARCHAR) || '号' || CASE WHEN building = 0 THEN '' ELSE building || '号楼' || room || '室' END AS street,
  '91' || county || body || $signs[organisation + 1] || $signs[digit + 1] AS code
  FROM (SELECT *, $towns AS towns FROM chunk))
"""
_TRUTH = """
INSERT INTO {name}_truth SELECT record, firm, copy, $lookalikes[lookalike + 1],
  list_filter($codes, lambda code, place: (bits >> (place - 1)) & 1 = 1) FROM chunk
"""


class Firms:
    """Makes firms in chunks; a branch or sister stands right after its original."""

    def __init__(self, ground: Ground) -> None:
        pack = ground.pack
        self._ground = ground
        self._brand = np.asarray([ord(sign) for sign in dict.fromkeys(pack.brand)], np.int64)
        self._surnames = np.asarray([ord(sign) for sign in dict.fromkeys(ground.names.surnames)], np.int64)
        self._given = np.asarray([ord(sign) for sign in dict.fromkeys(pack.given.replace(" ", ""))], np.int64)
        self._same = _draws.same_sound(_draws.sounds(_draws.common_signs() + pack.brand))
        self._similar = Swaps.of(pack.similar)
        self._shares = pack.firms.shares()
        self._codes = [part.code for part in pack.firms.errors]

    def fill(self, connection: "DuckDBPyConnection", name: str, records: int) -> None:
        """Tables `name` and `name`_truth with so many records."""
        for statement in TABLES.format(name=name).split(";"):
            connection.execute(statement)
        made = first = 0
        while made < records:
            more = min(CHUNK, records - made)
            chunk = self._records(np.arange(first, first + more, dtype=np.int64), made)
            chunk = {key: column[: records - made] for key, column in chunk.items()}
            self._insert(connection, name, chunk)
            made += len(chunk["record"])
            first += more

    def _insert(self, connection: "DuckDBPyConnection", name: str, chunk: dict[str, Whole]) -> None:
        pack, ground = self._ground.pack, self._ground
        brand = " || ".join(_SIGN.format(f"brand{place}") for place in range(3))
        leader = " || ".join(_SIGN.format(f"leader{place}") for place in range(3))
        connection.register("chunk", chunk)
        connection.execute(
            _INSERT.format(name=name, brand=brand, leader=leader),
            {
                "sources": list(pack.firms.sources), "roads": ground.roads, "towns": ground.towns, "signs": list(_SIGNS),
                "trades": list(pack.trade_words), "types": [list(pair) for pair in pack.firm_types],
            },
        )  # fmt: skip
        lookalikes = ["", *(part.code for part in pack.firms.lookalikes)]
        connection.execute(_TRUTH.format(name=name), {"lookalikes": lookalikes, "codes": self._codes})
        connection.unregister("chunk")

    def _firms(self, firm: Whole) -> dict[str, Whole]:
        ground, pack = self._ground, self._ground.pack
        follows = Draws(ground.seed + 11, firm)
        after = firm % _EVERY == 1
        branch = after & follows.happens("branch", self._shares.get("branch", 0.0) * _EVERY)
        sister = after & ~branch & follows.happens("sister", self._shares.get("sister", 0.0) * _EVERY)
        draws, own = Draws(ground.seed + 12, firm - (branch | sister)), Draws(ground.seed + 12, firm)
        short = draws.happens("brand-short", 0.7)
        home = address(draws, "firm", ground, abroad=0.0)
        away = address(own, "firm", ground, abroad=0.0)
        trade = draws.below("trade", len(pack.trade_words))
        county = np.asarray([int(code) for code in ground.counties], np.int64)[draws.below("county", ground.local)]
        organisation, digit = _checks(county, 10_000_000 + firm)
        return {
            **{name: np.where(branch, away[name], home[name]) for name in home},
            "home": home["place"], "place_of_branch": np.where(branch, away["place"], home["place"]),
            "lookalike": choose(np.zeros_like(firm), (branch, 1), (sister, 2)),
            "brand0": self._brand[draws.below("brand-1", len(self._brand))],
            "brand1": self._brand[draws.below("brand-2", len(self._brand))],
            "brand2": np.where(short, 0, self._brand[draws.below("brand-3", len(self._brand))]),
            "trade_no": np.where(sister, (trade + 1) % len(pack.trade_words), trade),
            "type_no": draws.weighted("type", falling(len(pack.firm_types), 0.6)),
            "region_no": draws.below("region", 3), "county": county, "body": 10_000_000 + firm, "old": firm,
            "organisation": organisation, "digit": digit,
            **self._leader(draws, "leader"),
            "phone": np.where(branch, phone(own, "firm"), phone(draws, "firm")),
        }  # fmt: skip

    def _leader(self, draws: Draws, purpose: str) -> dict[str, Whole]:
        second = self._given[draws.weighted(f"{purpose}-2", falling(len(self._given), 25.0))]
        return {
            "leader0": self._surnames[draws.weighted(f"{purpose}-0", falling(len(self._surnames), 4.0))],
            "leader1": self._given[draws.weighted(f"{purpose}-1", falling(len(self._given), 25.0))],
            "leader2": np.where(draws.happens(f"{purpose}-one", 0.12), 0, second),
        }

    def _records(self, firm: Whole, made: int) -> dict[str, Whole]:
        firms = self._firms(firm)
        copies = Draws(self._ground.seed + 13, firm).weighted("copies", self._ground.pack.copies) + 1
        of = np.repeat(np.arange(len(firm)), copies)
        copy = np.arange(len(of)) - np.repeat(np.cumsum(copies) - copies, copies)
        kept = {name: column[of] for name, column in firms.items()}
        draws = Draws(self._ground.seed + 14, firm[of] * 16 + copy)
        wrong = Wrong(draws, copy > 0, self._shares, self._codes)
        sources = len(self._ground.pack.firms.sources)
        chunk = kept | self._names(kept, draws, wrong) | self._numbers(kept, draws, wrong)
        return chunk | self._contacts(kept, draws, wrong) | {
            "record": np.arange(made, made + len(of)), "firm": firm[of], "copy": copy, "bits": wrong.bits,
            "source": np.where(copy == 0, 0, 1 + draws.below("source", sources - 1)),
        }  # fmt: skip

    def _names(self, kept: dict[str, Whole], draws: Draws, wrong: Wrong) -> dict[str, Whole]:
        brand = np.stack([kept["brand0"], kept["brand1"]], axis=1)
        rows = np.arange(len(brand))
        for code, swaps in (("homophone", self._same), ("similar", self._similar)):
            place = draws.below(f"{code}-place", 2)
            now = brand[rows, place]
            then = swaps.swapped(now, draws.share(f"{code}-sign"))
            brand[rows, place] = np.where(wrong.marks(code, then != now), then, now)
        signboard = wrong.marks("signboard")
        missing = wrong.marks("region-missing", ~signboard)
        moved = wrong.marks("region-moved", ~signboard & ~missing)
        return {
            "brand0": np.ascontiguousarray(brand[:, 0]), "brand1": np.ascontiguousarray(brand[:, 1]),
            "name_form": np.where(signboard, 3, np.where(missing, 1, np.where(moved, 2, 0))),
            "type_form": wrong.marks("type-short", ~signboard).astype(np.int64),
        }  # fmt: skip

    def _numbers(self, kept: dict[str, Whole], draws: Draws, wrong: Wrong) -> dict[str, Whole]:
        missing = wrong.marks("code-missing")
        old = wrong.marks("code-old", ~missing)
        power = 10 ** draws.below("code-place", 7)
        now = kept["body"] // power % 10
        then = (now + 1 + draws.below("code-digit", 9)) % 10
        typed = wrong.marks("code-typo", ~missing & ~old)
        form = wrong.marks("code-form", ~missing & ~old)
        wide = draws.happens("code-wide", 0.5) | (kept["digit"] < 10)
        return {
            "body": np.where(typed, kept["body"] + (then - now) * power, kept["body"]),
            "code_form": choose(np.zeros_like(power), (missing, 1), (old, 2), (form & wide, 4), (form, 3)),
        }

    def _contacts(self, kept: dict[str, Whole], draws: Draws, wrong: Wrong) -> dict[str, Whole]:
        moved = wrong.marks("moved")
        new = address(draws, "moved", self._ground, abroad=0.1)
        found = {name: np.where(moved, new[name], kept[name]) for name in new}
        homeless = wrong.marks("address-missing")
        found["place"] = np.where(homeless, -1, found["place"])
        found["style"] = np.where(wrong.marks("address-form", ~homeless), 1 + draws.below("style", 4), 0)
        changed = wrong.marks("leader-changed")
        leader = self._leader(draws, "new-leader")
        found |= {name: np.where(changed, column, kept[name]) for name, column in leader.items()}
        other = phone(draws, "changed")
        number = np.where(wrong.marks("phone-changed"), other, kept["phone"])
        unreachable = wrong.marks("phone-missing")
        return found | {"phone": np.where(unreachable, 0, number), "has_leader": ~wrong.marks("leader-missing")}


def _checks(county: Whole, body: Whole) -> tuple[Whole, Whole]:
    """Places in `_SIGNS` of the organisation code's check sign (GB 11714) and of the credit code's (GB 32100)."""
    digits = [body // 10**place % 10 for place in range(7, -1, -1)]
    rest = 11 - sum(digit * weight for digit, weight in zip(digits, _ORG_WEIGHTS, strict=True)) % 11
    organisation = np.where(rest == 10, _SIGNS.index("X"), rest % 11)
    front = [county // 10**place % 10 for place in range(5, -1, -1)]
    values = [np.full_like(body, 9), np.full_like(body, 1), *front, *digits, organisation]
    total = sum(value * (3**place % 31) for place, value in enumerate(values))
    return organisation, (31 - total % 31) % 31
