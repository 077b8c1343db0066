"""Rules as one SELECT over a relation: a row, its key, and a mask with a bit for every rule that fails and every value that is absent.

A mask is one or more whole numbers of 62 bits, so that every engine adds and groups them alike.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from yiwang.data.quality import _values
from yiwang.data.quality._engines import Engine, engine
from yiwang.data.quality.contracts import (
    Agrees,
    CannotCheck,
    Columns,
    Holds,
    Present,
    Rule,
    Unique,
    Valid,
    Within,
)
from yiwang.kernel.rules import queries as rules_queries
from yiwang.kernel.rules.contracts import CannotCompile, FactType, Lowered

WORD = 62
RULES_MAX = 500
_NAMED = re.compile(r"\bn[0-9]+\b")


@dataclass(frozen=True, slots=True)
class Bit:
    """A place in the masks."""

    word: int
    value: int


@dataclass(frozen=True, slots=True)
class Scan:
    """`sql` gives rk and m0, m1 …; a rule fails where its bit is set and is not judged where one of its `gaps` is."""

    sql: str
    rules: tuple[Rule, ...]
    fails: tuple[Bit, ...]
    gaps: tuple[tuple[Bit, ...], ...]
    words: int
    left_out: tuple[tuple[str, str], ...]
    engine: Engine
    columns: tuple[tuple[str, ...], ...] = ()
    key: str = "''"

    @property
    def masks(self) -> str:
        return ", ".join(f"m{word}" for word in range(self.words))

    @property
    def counts(self) -> str:
        """How many rows have which masks: all counts and scores are in there."""
        return f"SELECT {self.masks}, count(*) AS n FROM ({self.sql}) AS scanned GROUP BY {self.masks}"

    def failing(self, masks: Sequence[int]) -> list[int]:
        """The places of the rules that fail in rows of these masks."""
        return [place for place, bit in enumerate(self.fails) if masks[bit.word] & bit.value]

    def judged(self, masks: Sequence[int]) -> list[int]:
        """The places of the rules that had something to judge in rows of these masks."""
        return [place for place, gaps in enumerate(self.gaps) if not any(masks[b.word] & b.value for b in gaps)]


def compiled(
    rules: Sequence[Rule],
    columns: Columns,
    *,
    relation: str,
    key: Sequence[str],
    on: date,
    others: Mapping[str, str] | None = None,
    dialect: str = "duckdb",
) -> Scan:
    """The scan of `relation`, a table's name or a query in parentheses; `others` are relations of other resources by code.

    Rules that name a column or resource that is not there are left out, with the reason. Raises CannotCheck, CannotCompile.
    """
    if len(rules) > RULES_MAX:
        raise CannotCheck(f"规则有{len(rules)}条，超过{RULES_MAX}条。", hint="请分成几个资源，或合并规则。")
    return _Build(columns, relation, key, on, others or {}, engine(dialect)).scan(rules)


class _Build:
    def __init__(
        self, columns: Columns, relation: str, key: Sequence[str], on: date, others: Mapping[str, str], words: Engine
    ) -> None:
        self._columns, self._relation, self._key, self._on, self._others = columns, relation, key, on, others
        self._engine = words
        self._read: dict[str, str] = {}
        self._levels: list[dict[str, str]] = []
        self._level_of: dict[str, int] = {}
        self._joins: list[str] = []
        self._flags: list[str] = []
        self._answers: dict[str, str] = {}
        self._places = 0
        self._words: list[list[str]] = []
        self._absent: dict[str, Bit] = {}

    def scan(self, rules: Sequence[Rule]) -> Scan:
        taken, left_out = self._fitting(rules)
        self._lowered = self._conditions(taken)
        made = [self._bits_of(rule) for rule in taken]
        return Scan(
            sql=self._text(),
            rules=tuple(taken),
            fails=tuple(fails for fails, _ in made),
            gaps=tuple(gaps for _, gaps in made),
            words=max(1, len(self._words)),
            left_out=tuple(left_out),
            engine=self._engine,
            columns=tuple(self._named_by(rule) for rule in taken),
            key=self._rk,
        )

    def _named_by(self, rule: Rule) -> tuple[str, ...]:
        if isinstance(rule.ask, Holds):
            return tuple(sorted(self._lowered.facts[rule.code] & self._types.keys()))
        return tuple(dict.fromkeys(rule.columns))

    def _fitting(self, rules: Sequence[Rule]) -> tuple[list[Rule], list[tuple[str, str]]]:
        taken: list[Rule] = []
        left_out: list[tuple[str, str]] = []
        for rule in rules:
            lacking = [name for name in rule.columns if name not in self._columns.types]
            other = rule.ask.other if isinstance(rule.ask, Within | Agrees) else ""
            if lacking:
                left_out.append((rule.code, f"表中没有列“{lacking[0]}”"))
            elif other and other not in self._others:
                left_out.append((rule.code, f"没有可以比对的资源“{other}”"))
            elif isinstance(rule.ask, Holds) and (why := self._unfit(rule.ask.when)):
                left_out.append((rule.code, why))
            elif isinstance(rule.ask, Valid) and not self._parts(rule.ask):
                left_out.append((rule.code, "列的类型已经保证，或数据元没有这样的要求"))
            else:
                taken.append(rule)
        return taken, left_out

    def _unfit(self, when: str) -> str:
        try:
            rules_queries.lower({"": when}, self._types, on=self._on, dialect=self._engine.words.name)
        except CannotCompile as refused:
            return refused.message
        return ""

    @cached_property
    def _types(self) -> dict[str, FactType]:
        places = self._columns.places
        return {
            name: FactType(kind, places.get(name, 2 if kind == "decimal" else 0))
            for name, kind in self._columns.types.items()
        }

    def _conditions(self, rules: Sequence[Rule]) -> Lowered:
        texts = {rule.code: rule.ask.when for rule in rules if isinstance(rule.ask, Holds)}
        return rules_queries.lower(texts, self._types, on=self._on, dialect=self._engine.words.name)

    # What each rule needs: its failing bit, and the bits that say that there was nothing to judge.

    def _bits_of(self, rule: Rule) -> tuple[Bit, tuple[Bit, ...]]:
        ask = rule.ask
        if isinstance(ask, Present):
            return self._gap(ask.column), ()
        if isinstance(ask, Valid):
            ok = " AND ".join(self._parts(ask).values())
            return self._bit(f"NOT {self._answer(ok)}"), (self._gap(ask.column),)
        if isinstance(ask, Holds):
            answer = self._answer(self._lowered.answers[rule.code])
            if rule.code not in self._lowered.may_be_unknown:
                return self._bit(f"NOT {answer}"), ()
            fails, unknown = self._two_bits(f"NOT {answer}", f"{answer} IS NULL")
            return fails, (unknown,)
        gaps = tuple(self._gap(name) for name in rule.columns)
        if isinstance(ask, Unique):
            return self._bit(f"{self._twice(ask.columns)} = 1"), gaps
        if isinstance(ask, Within):
            return self._bit(f"{self._c(ask.column)} IS NOT NULL AND {self._known(ask)} = 0"), gaps
        return self._compared(ask)

    def _parts(self, ask: Valid) -> dict[str, str]:
        kind = self._columns.types[ask.column]
        found = _values.parts(
            self._engine,
            self._c(ask.column),
            kind,
            ask.element,
            ask.codes,
            f"DATE '{self._on.isoformat()}'",
            self._named,
        )
        return {name: sql for name, sql in found.items() if not ask.parts or name in ask.parts}

    def _gap(self, column: str) -> Bit:
        """The bit of an absent value, one for each column."""
        if column not in self._absent:
            self._absent[column] = self._bit(f"{self._c(column)} IS NULL")
        return self._absent[column]

    def _bit(self, test: str) -> Bit:
        bit = self._next()
        self._words[bit.word].append(f"CASE WHEN {test} THEN {bit.value} ELSE 0 END")
        return bit

    def _two_bits(self, one: str, other: str) -> tuple[Bit, Bit]:
        """The bits of two tests that never hold together: one term does for both."""
        if self._places % WORD == WORD - 1:
            return self._bit(one), self._bit(other)
        bits = self._next(), self._next()
        self._words[bits[0].word].append(
            f"CASE WHEN {one} THEN {bits[0].value} WHEN {other} THEN {bits[1].value} ELSE 0 END"
        )
        return bits

    def _next(self) -> Bit:
        word, place = divmod(self._places, WORD)
        self._places += 1
        if word == len(self._words):
            self._words.append([])
        return Bit(word, 2**place)

    def _answer(self, test: str) -> str:
        """What a rule comes to, under a name: engines share the parts of what stands outside a CASE, and only that."""
        return self._answers.setdefault(test, f"a{len(self._answers)}")

    # Columns, names and joins

    def _c(self, column: str) -> str:
        """The column's value under a short name; an empty text is absent."""
        return self._read.setdefault(column, f"c{len(self._read)}")

    def _source(self, column: str) -> str:
        name = f"t.{self._engine.words.name_of(column)}"
        return f"nullif({name}, '')" if self._columns.types[column] in ("text", "code") else name

    def _named(self, sql: str) -> str:
        """A value worked out once, one stage after the names in it."""
        level = 1 + max((self._level_of[name] for name in _NAMED.findall(sql) if name in self._level_of), default=-1)
        while len(self._levels) <= level:
            self._levels.append({})
        name = self._levels[level].setdefault(sql, f"n{len(self._level_of)}")
        self._level_of.setdefault(name, level)
        return name

    def _joined(self, query: str, on: Sequence[tuple[str, str]], columns: Sequence[str]) -> str:
        """Join a query that has each key once; returns the join's short name."""
        name = f"j{len(self._joins)}"
        pairs = " AND ".join(f"{self._source(own)} = {name}.{theirs}" for own, theirs in on)
        self._joins.append(f"LEFT JOIN ({query}) AS {name} ON {pairs}")
        self._flags += [f"coalesce({name}.hit, 0) AS {name}_hit", *(f"{name}.{c} AS {name}_{c}" for c in columns)]
        return name

    def _twice(self, columns: Sequence[str]) -> str:
        """Flag of rows whose key stands there more than once."""
        keys = [f"{self._source(name)} AS k{n}" for n, name in enumerate(columns)]
        there = " AND ".join(f"k{n} IS NOT NULL" for n in range(len(columns)))
        listed = ", ".join(f"k{n}" for n in range(len(columns)))
        query = (
            f"SELECT {listed}, 1 AS hit FROM (SELECT {', '.join(keys)} FROM {self._relation} AS t) AS keyed"
            f" WHERE {there} GROUP BY {listed} HAVING count(*) > 1"
        )
        return self._joined(query, [(name, f"k{n}") for n, name in enumerate(columns)], ()) + "_hit"

    def _known(self, ask: Within) -> str:
        item = self._engine.words.name_of(ask.item)
        query = f"SELECT {item} AS k0, 1 AS hit FROM {self._others[ask.other]} AS o GROUP BY {item}"
        return self._joined(query, [(ask.column, "k0")], ()) + "_hit"

    def _compared(self, ask: Agrees) -> tuple[Bit, tuple[Bit, ...]]:
        name_of = self._engine.words.name_of
        keys = [f"{name_of(theirs)} AS k{n}" for n, (_, theirs) in enumerate(ask.on)]
        grouped = ", ".join(name_of(theirs) for _, theirs in ask.on)
        is_text = self._columns.types[ask.column] in ("text", "code")
        item = f"nullif({name_of(ask.item)}, '')" if is_text else name_of(ask.item)
        # A key that the other source has with several values settles nothing.
        query = (
            f"SELECT {', '.join(keys)}, 1 AS hit, min({item}) AS v FROM {self._others[ask.other]} AS o"
            f" GROUP BY {grouped} HAVING min({item}) = max({item})"
        )
        join = self._joined(query, [(own, f"k{n}") for n, (own, _) in enumerate(ask.on)], ("v",))
        value = self._c(ask.column)
        differs = self._bit(f"{join}_hit = 1 AND {value} <> {join}_v")
        return differs, (self._bit(f"{join}_hit = 0 OR {value} IS NULL"),)

    # The text

    def _text(self) -> str:
        read = [f"{self._source(column)} AS {name}" for column, name in self._read.items()]
        lowered = [[f"{sql} AS {name}" for name, sql in stage] for stage in self._lowered.stages]
        named = [[f"{sql} AS {name}" for sql, name in level.items()] for level in self._levels]
        texts = [
            f"SELECT {_listed([f'{self._rk} AS rk', *read, *self._flags, *lowered[0]])} FROM {self._relation} AS t {' '.join(self._joins)}"
        ]
        for number in range(max(len(lowered) - 1, len(named))):
            stage = [
                *(lowered[number + 1] if number + 1 < len(lowered) else ()),
                *(named[number] if number < len(named) else ()),
            ]
            texts.append(f"SELECT {_listed(['*', *stage])} FROM s{number}")
        if self._answers:
            answers = [f"{sql} AS {name}" for sql, name in self._answers.items()]
            texts.append(f"SELECT {_listed(['*', *answers])} FROM s{len(texts) - 1}")
        masks = [f"{' + '.join(terms)} AS m{number}" for number, terms in enumerate(self._words or [["0"]])]
        stages = ",\n".join(f"s{number} AS ({text})" for number, text in enumerate(texts))
        return f"WITH {stages}\nSELECT rk, {_listed(masks)} FROM s{len(texts) - 1}"

    @property
    def _rk(self) -> str:
        """What names a row: one column as it is, or several as one text; a number, where the relation has no key."""
        names = [f"t.{self._engine.words.name_of(name)}" for name in self._key]
        if len(names) == 1:
            return names[0]
        texts = [f"coalesce(CAST({name} AS {self._text_type}), '')" for name in names]
        return f"concat({', '.join(_between(texts))})" if texts else "''"

    @property
    def _text_type(self) -> str:
        return self._engine.words.text.removeprefix("Nullable(").removesuffix(")")


def _listed(parts: Sequence[str]) -> str:
    return ", ".join(parts)


def _between(texts: Sequence[str]) -> list[str]:
    """The texts with a sign between them."""
    return [part for text in texts for part in ("' / '", text)][1:]
