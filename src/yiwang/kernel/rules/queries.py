"""Compiling conditions and deciding by them; nothing is written."""

from collections.abc import Iterable, Mapping
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from yiwang.kernel.access import queries as access
from yiwang.kernel.base.contracts import Actor, Denied
from yiwang.kernel.elements import queries as elements
from yiwang.kernel.packs import queries as packs
from yiwang.kernel.packs.contracts import Pack, PackSet, Problem
from yiwang.kernel.rules import _build, _derived, _parse, _tables
from yiwang.kernel.rules._decision import ANSWERS, settled
from yiwang.kernel.rules._derived import DerivedFact
from yiwang.kernel.rules._dialects import Dialect
from yiwang.kernel.rules._expression import expression
from yiwang.kernel.rules._lowered import lowered
from yiwang.kernel.rules._query import dialect_of
from yiwang.kernel.rules.contracts import (
    Answer,
    BoundParameter,
    CannotCompile,
    CompiledRule,
    Condition,
    Decision,
    Expression,
    Facts,
    FactType,
    Lowered,
    Mode,
    Population,
    Reason,
    RuleSet,
)
from yiwang.kernel.rules.kinds import DECISION_TABLE, DERIVED_FACT, RULE

TRY = "rules.try"

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


def compile(text: str, types: Mapping[str, str], *, result: str | None = "bool") -> Expression:  # noqa: A001  # the door's name
    """An expression over facts of these types (bool, integer, decimal, date, code, text).

    `result` is the type it must have (None: any). Raises CannotCompile.
    """
    return _compiled(text, tuple(sorted(types.items())), result)


def lower(texts: Mapping[str, str], types: Mapping[str, FactType], *, on: date, dialect: str = "duckdb") -> Lowered:
    """Conditions by code as columns for a query of the caller's own, over columns named as the facts; `as_of` is `on`.

    Raises CannotCompile, CannotLower, NoSuchDialect.
    """
    try:
        return lowered(texts, types, on, dialect)
    except _parse.Refused as refused:
        raise CannotCompile(refused.message, hint=refused.hint) from None


def dialect(name: str) -> Dialect:
    """How an engine spells quotients, lengths, names and texts. Raises NoSuchDialect."""
    return dialect_of(name)


@lru_cache(maxsize=4096)
def _compiled(text: str, types: tuple[tuple[str, str], ...], result: str | None) -> Expression:
    try:
        tree = _parse.parse(text, dict(types))
    except _parse.Refused as refused:
        raise CannotCompile(refused.message, hint=refused.hint) from None
    if result and tree.type != result:
        raise CannotCompile("条件算不出是非。", hint="请写成比较，如 age >= 18。")
    return expression(text, tree)


def decide(
    conditions: Iterable[Condition], facts: Facts, mode: str = Mode.ALL, *, types: Mapping[str, str]
) -> Decision:
    """What all (or any) of the conditions come to over these facts, with a reason for each. Raises CannotCompile."""
    reasons = tuple(_reason(condition, compile(condition.when, types), facts) for condition in conditions)
    answer = settled({reason.answer for reason in reasons}, Mode(mode))
    missing = {name for reason in reasons for name in reason.missing} if answer is Answer.UNKNOWN else set()
    return Decision(answer, reasons, tuple(sorted(missing)))


def _reason(condition: Condition, compiled: Expression, facts: Facts) -> Reason:
    answer = ANSWERS[compiled.evaluate(facts)]
    missing = compiled.missing(facts) if answer is Answer.UNKNOWN else ()
    return Reason(condition.code, condition.sentence, answer, missing, condition.basis)


def rule(rule_id: str, *, on: date, version: int | None = None, hash: str = "") -> CompiledRule:  # noqa: A002  # the pack's word
    """A rule or a decision table as it stands on a day; with `hash` the very content that a record was decided by.

    A table's conditions are its rows: met where a row applies. Raises PackNotFound, NoValueThen when a parameter has no value on that day.
    """
    kind = RULE if packs.find(RULE, rule_id) or not packs.find(DECISION_TABLE, rule_id) else DECISION_TABLE
    pack = packs.by_hash(kind, rule_id, hash) if hash else packs.get(kind, rule_id, version)
    return _ready(packs.current(), pack, on)


def of_pack(pack: Pack, *, on: date | None = None) -> CompiledRule:
    """The rule or table of a pack at hand, with the parameters in force on a day; without one, with the newest.

    For checks of packs, and for another version of a rule than the one in force. Raises CannotCompile, NoValueThen.
    """
    return _ready(packs.current(), pack, on or _build.newest_day(getattr(pack.body, "parameters", {})))


def derived(fact_id: str, *, on: date) -> DerivedFact:
    """A derived fact as it stands on a day. Raises PackNotFound, NoValueThen."""
    return _derived.built(packs.get(DERIVED_FACT, fact_id), on)


def rules(rule_ids: Iterable[str], *, on: date) -> RuleSet:
    """Several rules over the same facts. Raises as `rule`, and FactsDiffer."""
    return RuleSet(tuple(rule(rule_id, on=on) for rule_id in rule_ids))


def population(
    rule_ids: Iterable[str], *, on: date, connection: "DuckDBPyConnection", table: str, key: str
) -> Population:
    """Rules over a table or view of DuckDB with a column per fact. Raises as `rules`, and CannotRead."""
    return Population(rules(rule_ids, on=on), connection, table, key)


def require_trying(by: Actor) -> None:
    """Raises Denied unless one of the actor's posts may try rules."""
    if not access.may_anywhere(by, TRY):
        raise Denied("您的岗位不能试算规则。", hint="请联系人事管理员确认岗位。")


def pack_of(rule_id: str) -> Pack:
    """The rule or decision table of this id. Raises PackNotFound."""
    return packs.find(RULE, rule_id) or packs.find(DECISION_TABLE, rule_id) or packs.get(RULE, rule_id)


def all_rules() -> list[Pack]:
    """Every rule and decision table in force, by id."""
    return sorted([*packs.all_of(RULE), *packs.all_of(DECISION_TABLE)], key=lambda pack: pack.id)


def parameter(parameter_id: str, *, on: date) -> BoundParameter:
    """A parameter's value on a day. Raises PackNotFound, NoValueThen."""
    return _build.bound_on(parameter_id, parameter_id, on)


def _ready(current: PackSet, pack: Pack, on: date) -> CompiledRule:
    """Compiled once for a release, a content and a day."""
    kept = _kept.setdefault(current, {})
    found = kept.get((pack.hash, pack.id, on))
    if found is None:
        if len(kept) >= _KEPT_MAX:
            kept.clear()
        build = _tables.built if pack.kind == DECISION_TABLE else _build.built
        found = kept[pack.hash, pack.id, on] = build(pack, on)
    return found


_KEPT_MAX = 5000
_kept: WeakKeyDictionary[PackSet, dict[tuple[str, str, date], CompiledRule]] = WeakKeyDictionary()


def types_of(named: Mapping[str, str]) -> dict[str, str]:
    """The types of facts that are named by data elements: {fact: element id}. Raises NoSuchElement."""
    return {fact: elements.get(element_id).rule_type for fact, element_id in named.items()}


def problem(pack: Pack, where: str | tuple[str | int, ...], error: CannotCompile) -> Problem:
    """A refusal as a problem of a pack, for a kind's own check."""
    return pack.problem(where, error.message, error.hint)
