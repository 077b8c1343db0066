"""Made-up people who stand in several registers, with errors by the shares of the pack, and who is who."""

from typing import TYPE_CHECKING

import numpy as np

from yiwang.demo.place import _draws
from yiwang.demo.place._double_ground import Ground, Wrong, address, choose, phone
from yiwang.demo.place._draws import Draws, Swaps, Truth, Whole, falling

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

HOUSE = 3
HEAD, SPOUSE, CHILD = range(HOUSE)
CHUNK = 90_000
_BORN_FROM, _GROWN_UNTIL = np.datetime64("1936-01-01"), np.datetime64("2000-01-01")
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_ONE_CHILD_NAME = 0.12
_QUESTION = 0xFF1F

TABLES = """
CREATE TABLE {name} (record BIGINT, source VARCHAR, name VARCHAR, sex VARCHAR, born_on DATE, id_number VARCHAR, phone VARCHAR, address VARCHAR);
CREATE TABLE {name}_truth (record BIGINT, person BIGINT, copy TINYINT, lookalike VARCHAR, errors VARCHAR[])
"""
_SIGN = "CASE WHEN {0} = 0 THEN '' ELSE chr({0}::INTEGER) END"
_INSERT = """
INSERT INTO {name} SELECT record, $sources[source + 1],
  CASE WHEN spaced THEN left(spelt, 1) || '　' || substr(spelt, 2) ELSE spelt END,
  CASE WHEN is_male = 1 THEN '1' ELSE '2' END,
  CASE WHEN has_born = 1 THEN DATE '1936-01-01' + born::INTEGER END,
  CASE WHEN exchanged THEN telephone ELSE number END,
  CASE WHEN exchanged THEN number ELSE telephone END,
  CASE WHEN place >= 0 THEN CASE style
    WHEN 1 THEN towns[place + 1].city || towns[place + 1].rest || street || detail
    WHEN 2 THEN towns[place + 1].rest || street || detail
    WHEN 3 THEN towns[place + 1].whole || street || short
    WHEN 4 THEN towns[place + 1].city || towns[place + 1].rest || translate(street || detail, '0123456789', '０１２３４５６７８９')
    ELSE towns[place + 1].whole || street || detail END END
FROM (SELECT *,
  {signs} AS spelt,
  CASE form WHEN 1 THEN NULL WHEN 2 THEN substr(first, 1, 6) || substr(first, 9, 9)
    ELSE first || substr('10X98765432', digit::INTEGER + 1, 1) END AS number,
  CASE WHEN phone > 0 THEN CAST(phone AS VARCHAR) END AS telephone,
  $roads[road + 1] || CAST(house AS VARCHAR) || '号' AS street,
  CASE WHEN building = 0 THEN '' ELSE building || '号楼' || unit || '单元' || room || '室' END AS detail,
  CASE WHEN building = 0 THEN '' ELSE building || '-' || unit || '-' || room END AS short,
  FROM (SELECT *, CAST(first17 AS VARCHAR) AS first, $towns AS towns FROM chunk))
"""
_TRUTH = """
INSERT INTO {name}_truth SELECT record, person, copy, $lookalikes[lookalike + 1],
  list_filter($codes, lambda code, place: (bits >> (place - 1)) & 1 = 1) FROM chunk
"""


class People:
    """Makes people in chunks of whole households; three to a household."""

    def __init__(self, ground: Ground) -> None:
        pack, names = ground.pack, ground.names
        self._ground = ground
        self._given = np.asarray([ord(sign) for sign in dict.fromkeys(pack.given.replace(" ", ""))], np.int64)
        single = [(ord(sign), 0) for sign in dict.fromkeys(names.surnames)]
        double = [(ord(name[0]), ord(name[1])) for name in names.compound_surnames]
        self._surnames = np.asarray([*single, *double], np.int64)
        weights = falling(len(single), 4.0)
        self._surname_weights = np.concatenate([weights, np.full(len(double), weights[-1] / 8)])
        self._given_weights = falling(len(self._given), 25.0)
        heard = _draws.sounds(_draws.common_signs() + pack.given.replace(" ", "") + names.surnames)
        self._same, self._near = _draws.same_sound(heard), _draws.near_sound(heard, pack.accents)
        self._similar = Swaps.of(pack.similar)
        self._children_days = int((np.datetime64(pack.until) - _GROWN_UNTIL).astype(int)) + 1
        self._grown_days = int((_GROWN_UNTIL - _BORN_FROM).astype(int))
        self._shares = pack.people.shares()
        self._codes = [part.code for part in pack.people.errors]

    def fill(self, connection: "DuckDBPyConnection", name: str, records: int) -> None:
        """Tables `name` and `name`_truth with so many records."""
        for statement in TABLES.format(name=name).split(";"):
            connection.execute(statement)
        made = first = 0
        while made < records:
            more = min(CHUNK, (records - made) // HOUSE * HOUSE + HOUSE)
            chunk = self._records(np.arange(first, first + more, dtype=np.int64), made)
            chunk = {key: column[: records - made] for key, column in chunk.items()}
            self._insert(connection, name, chunk)
            made += len(chunk["record"])
            first += more

    def _insert(self, connection: "DuckDBPyConnection", name: str, chunk: dict[str, Whole]) -> None:
        pack = self._ground.pack.people
        signs = " || ".join(_SIGN.format(f"sign{place}") for place in range(4))
        connection.register("chunk", chunk)
        connection.execute(
            _INSERT.format(name=name, signs=signs),
            {"sources": list(pack.sources), "roads": self._ground.roads, "towns": self._ground.towns},
        )
        lookalikes = ["", *(part.code for part in pack.lookalikes)]
        connection.execute(_TRUTH.format(name=name), {"lookalikes": lookalikes, "codes": self._codes})
        connection.unregister("chunk")

    # People as they are.

    def _given_of(self, draws: Draws, purpose: str) -> tuple[Whole, Whole]:
        first = self._given[draws.weighted(f"{purpose}-1", self._given_weights)]
        second = self._given[draws.weighted(f"{purpose}-2", self._given_weights)]
        return first, np.where(draws.happens(f"{purpose}-one", _ONE_CHILD_NAME), 0, second)

    def _heads(self, house: Whole) -> dict[str, Whole]:
        draws = Draws(self._ground.seed, house)
        county, day, sequence = self._slots(house, self._grown_days, 200, 1)
        given = self._given_of(draws, "head")
        return {
            "surname": draws.weighted("surname", self._surname_weights), "given1": given[0], "given2": given[1],
            "is_male": draws.happens("head-male", 0.7).astype(np.int64), "county": county, "day": day, "sequence": 2 * sequence,
            "phone": phone(draws, "head"),
        }  # fmt: skip

    def _slots(self, house: Whole, days: int, sequences: int, salt: int) -> tuple[Whole, Whole, Whole]:
        """A county, day and sequence that no other household has: a walk through all of them with a step prime to their number."""
        counties = self._ground.local + 1
        every = counties * days * sequences
        slot = (house * 2_147_483_647 + self._ground.seed * 7919 * salt) % every
        county = slot % counties
        abroad = self._ground.local + house % (len(self._ground.counties) - self._ground.local)
        return np.where(county < self._ground.local, county, abroad), slot // counties % days, slot // (counties * days)

    def _people(self, person: Whole) -> dict[str, Whole]:
        """Members of households: a head, a spouse (or a twin of the child, or somebody's namesake), a child."""
        house, role = person // HOUSE, person % HOUSE
        shared, own = Draws(self._ground.seed, house), Draws(self._ground.seed + 1, person)
        head, other = self._heads(house), self._heads(house + 1)
        twins = shared.happens("twin", self._shares["twin"])
        twin = (role == SPOUSE) & twins
        namesake = (role == SPOUSE) & ~twins & shared.happens("namesake", self._shares["namesake"])
        junior = (role == CHILD) & ~twins & shared.happens("junior", self._shares["junior"])
        wed = (role == SPOUSE) & ~twin & ~namesake
        young = (role == CHILD) | twin
        child1, child2 = self._child_names(shared, head, role, twin, junior)
        own1, own2 = self._given_of(own, "own")
        county, day, sequence = self._slots(house, self._grown_days, 200, 3)
        child_county, child_day, child_sequence = self._slots(house, self._children_days, 400, 5)
        surname = np.where(wed, own.weighted("surname", self._surname_weights), head["surname"])
        child_male = shared.happens("child-male", 0.52) ^ (twin & shared.happens("twin-sex", 0.35))
        found = {
            "surname": np.where(namesake, other["surname"], surname),
            "given1": choose(head["given1"], (young, child1), (wed, own1), (namesake, other["given1"])),
            "given2": choose(head["given2"], (young, child2), (wed, own2), (namesake, other["given2"])),
            "is_male": choose(head["is_male"], (young, child_male), (wed, 1 - head["is_male"]), (namesake, other["is_male"])),
            "county": choose(head["county"], (young, child_county), (wed | namesake, county)),
            "day": choose(head["day"], (young, self._grown_days + child_day), (wed, day), (namesake, other["day"])),
            "sequence": choose(
                head["sequence"], (role == CHILD, child_sequence), (twin, 400 + child_sequence * 60 // 400),
                (wed, 2 * sequence + 1), (namesake, 460 + house % 40),
            ),
            "phone": np.where(young & shared.happens("child-phone", 0.6) | (role == HEAD), head["phone"], phone(own, "own")),
            "lookalike": choose(np.zeros_like(role), (twin, 1), (junior, 2), (namesake, 3)),
        }  # fmt: skip
        found["first17"] = self._first17(found["county"], found["day"], found["sequence"], found["is_male"])
        found["head17"] = self._first17(head["county"], head["day"], head["sequence"], head["is_male"])
        return found | address(shared, "home", self._ground, abroad=0.0)

    def _child_names(
        self, shared: Draws, head: dict[str, Whole], role: Whole, twin: Truth, junior: Truth
    ) -> tuple[Whole, Whole]:
        first, second = self._given_of(shared, "child")
        another = shared.weighted("twin-name", self._given_weights)
        another = np.where(self._given[another] == np.where(second > 0, second, first), another + 1, another)
        sign = self._given[another % len(self._given)]
        # Twins share the first sign, the generation's; of names of one sign they share none.
        twin1, twin2 = np.where(second > 0, first, sign), np.where(second > 0, sign, 0)
        like1, like2 = head["given1"], head["given2"]
        heard = shared.happens("junior-heard", 0.5)
        draw = shared.share("junior-sign")
        like2 = np.where(heard & (like2 > 0), self._same.swapped(like2, draw), like2)
        like1 = np.where(heard & (head["given2"] == 0), self._same.swapped(like1, draw), like1)
        return choose(first, (twin, twin1), (junior, like1)), choose(second, (twin, twin2), (junior, like2))

    def _first17(self, county: Whole, day: Whole, sequence: Whole, is_male: Whole) -> Whole:
        codes = np.asarray([int(code) for code in self._ground.counties], np.int64)
        year, month, date = _parts(day)
        return codes[county] * 10**11 + (year * 10000 + month * 100 + date) * 1000 + 2 * sequence + is_male

    # Records as they were written down.

    def _records(self, person: Whole, made: int) -> dict[str, Whole]:
        people = self._people(person)
        copies = Draws(self._ground.seed + 2, person).weighted("copies", self._ground.pack.copies) + 1
        of = np.repeat(np.arange(len(person)), copies)
        copy = np.arange(len(of)) - np.repeat(np.cumsum(copies) - copies, copies)
        kept = {name: column[of] for name, column in people.items()}
        draws = Draws(self._ground.seed + 3, person[of] * 16 + copy)
        wrong = Wrong(draws, copy > 0, self._shares, self._codes)
        chunk = self._names(kept, draws, wrong) | self._numbers(kept, draws, wrong)
        chunk |= self._births(kept, draws, wrong) | self._contacts(kept, draws, wrong)
        sources = len(self._ground.pack.people.sources)
        return chunk | {
            "record": np.arange(made, made + len(of)), "person": person[of], "copy": copy, "lookalike": kept["lookalike"],
            "source": np.where(copy == 0, 0, 1 + draws.below("source", sources - 1)), "bits": wrong.bits,
        }  # fmt: skip

    def _names(self, kept: dict[str, Whole], draws: Draws, wrong: "Wrong") -> dict[str, Whole]:
        given1, given2 = kept["given1"], kept["given2"]
        new1, new2 = self._given_of(draws, "new")
        renamed = wrong.marks("renamed", new1 != given1)
        given1, given2 = np.where(renamed, new1, given1), np.where(renamed, new2, given2)
        turned = wrong.marks("transposed", (given2 > 0) & (given1 != given2))
        given1, given2 = np.where(turned, given2, given1), np.where(turned, given1, given2)
        signs = np.stack(
            [self._surnames[kept["surname"], 0], self._surnames[kept["surname"], 1], given1, given2], axis=1
        )
        for code, swaps in (("homophone", self._same), ("accent", self._near), ("similar", self._similar)):
            self._swap(signs, code, swaps, draws, wrong)
        unwritten = wrong.marks("unwritten")
        place = np.where(signs[:, 3] > 0, 3, 2)
        rows = np.nonzero(unwritten)[0]
        signs[rows, place[rows]] = _QUESTION
        signs[:, 3] = np.where(wrong.marks("dropped", signs[:, 3] > 0), 0, signs[:, 3])
        spaced = {"spaced": wrong.marks("spaced")}
        return {f"sign{place}": np.ascontiguousarray(signs[:, place]) for place in range(4)} | spaced

    def _swap(self, signs: Whole, code: str, swaps: Swaps, draws: Draws, wrong: "Wrong") -> None:
        """One sign of the name for another: one of the given name, or in 15 of 100 the surname."""
        at = draws.share(f"{code}-place")
        place = np.where(at < 0.15, 0, np.where((at < 0.575) | (signs[:, 3] == 0), 2, 3))
        rows = np.arange(len(signs))
        now = signs[rows, place]
        then = swaps.swapped(now, draws.share(f"{code}-sign"))
        signs[rows, place] = np.where(wrong.marks(code, then != now), then, now)

    def _numbers(self, kept: dict[str, Whole], draws: Draws, wrong: "Wrong") -> dict[str, Whole]:
        missing = wrong.marks("id-missing")
        first = np.where(
            wrong.marks("id-borrowed", ~missing & (kept["head17"] != kept["first17"])), kept["head17"], kept["first17"]
        )
        digit = _check(first)
        fifteen = wrong.marks("id-fifteen", ~missing & (kept["day"] < self._grown_days))
        power = 10 ** draws.below("id-place", 17)
        now = first // power % 10
        then = (now + 1 + draws.below("id-digit", 9)) % 10
        # The first sign stays: a number of seventeen digits would be no typing error.
        first = np.where(wrong.marks("id-typo", ~missing & (power < 10**16)), first + (then - now) * power, first)
        power = 10 ** draws.below("id-pair", 15)
        low, high = first // power % 10, first // power // 10 % 10
        turned = wrong.marks("id-exchanged", ~missing & (low != high))
        first = np.where(turned, first + (high - low) * power + (low - high) * power * 10, first)
        return {"first17": first, "digit": digit, "form": np.where(missing, 1, np.where(fifteen, 2, 0))}

    def _births(self, kept: dict[str, Whole], draws: Draws, wrong: "Wrong") -> dict[str, Whole]:
        day = kept["day"]
        missing = wrong.marks("born-missing")
        offsets = np.asarray([1, -1, 10, -10, 31, -31, 365, -365, 3652, -3652], np.int64)
        typed = np.clip(day + offsets[draws.below("born-offset", len(offsets))], 0, None)
        day = np.where(wrong.marks("born-typo", ~missing & (typed != day)), typed, day)
        day = np.where(wrong.marks("born-lunar", ~missing & (day > 60)), day - 20 - draws.below("born-moon", 31), day)
        year, month, date = _parts(day)
        turned = _day(year, date, month)
        day = np.where(wrong.marks("born-exchanged", ~missing & (date <= 12) & (date != month)), turned, day)
        is_male = kept["is_male"] ^ wrong.marks("sex-wrong")
        return {"born": day, "has_born": (~missing).astype(np.int64), "is_male": is_male}

    def _contacts(self, kept: dict[str, Whole], draws: Draws, wrong: "Wrong") -> dict[str, Whole]:
        changed = phone(draws, "changed")
        number = np.where(wrong.marks("phone-changed"), changed, kept["phone"])
        power = 10 ** draws.below("phone-place", 9)
        now = number // power % 10
        then = (now + 1 + draws.below("phone-digit", 9)) % 10
        missing = wrong.marks("phone-missing")
        number = np.where(wrong.marks("phone-typo", ~missing), number + (then - now) * power, number)
        moved = wrong.marks("moved")
        new = address(draws, "moved", self._ground, abroad=0.3)
        place = {name: np.where(moved, new[name], kept[name]) for name in new}
        homeless = wrong.marks("address-missing")
        place["place"] = np.where(homeless, -1, place["place"])
        style = np.where(wrong.marks("address-form", ~homeless), 1 + draws.below("style", 4), 0)
        return {
            "phone": np.where(missing, 0, number),
            "style": style,
            "exchanged": wrong.marks("fields-exchanged"),
            **place,
        }


def _parts(day: Whole) -> tuple[Whole, Whole, Whole]:
    dates = _BORN_FROM + day
    months = dates.astype("datetime64[M]")
    years = dates.astype("datetime64[Y]")
    month = (months - years.astype("datetime64[M]")).astype(np.int64) + 1
    return years.astype(np.int64) + 1970, month, (dates - months.astype("datetime64[D]")).astype(np.int64) + 1


def _day(year: Whole, month: Whole, date: Whole) -> Whole:
    """The day of a date; months over 12 are cut off, for rows that do not ask."""
    months = (year - 1970) * 12 + np.minimum(month, 12) - 1
    first = months.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64) - _BORN_FROM.astype(np.int64)
    days: Whole = first + date - 1
    return days


def _check(first: Whole) -> Whole:
    """Where the check sign of GB 11643 stands in 10X98765432."""
    total = np.zeros_like(first)
    for place, weight in enumerate(reversed(_WEIGHTS)):
        total += first // 10**place % 10 * weight
    return total % 11
