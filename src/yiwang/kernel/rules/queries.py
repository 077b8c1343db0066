"""Compiling conditions and deciding by them; nothing is written."""

from collections.abc import Iterable, Mapping
from functools import lru_cache

from yiwang.kernel.elements import queries as elements
from yiwang.kernel.packs.contracts import Pack, Problem
from yiwang.kernel.rules import _parse
from yiwang.kernel.rules._expression import expression
from yiwang.kernel.rules.contracts import Answer, CannotCompile, Condition, Decision, Expression, Facts, Mode, Reason

_ANSWERS = {True: Answer.MET, False: Answer.NOT_MET, None: Answer.UNKNOWN}


def compile(text: str, types: Mapping[str, str], *, result: str | None = "bool") -> Expression:  # noqa: A001  # the door's name
    """An expression over facts of these types (bool, integer, decimal, date, code, text).

    `result` is the type it must have (None: any). Raises CannotCompile.
    """
    return _compiled(text, tuple(sorted(types.items())), result)


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
    answers = {reason.answer for reason in reasons}
    settles, otherwise = (Answer.NOT_MET, Answer.MET) if Mode(mode) is Mode.ALL else (Answer.MET, Answer.NOT_MET)
    answer = settles if settles in answers else Answer.UNKNOWN if Answer.UNKNOWN in answers else otherwise
    missing = {name for reason in reasons for name in reason.missing} if answer is Answer.UNKNOWN else set()
    return Decision(answer, reasons, tuple(sorted(missing)))


def _reason(condition: Condition, compiled: Expression, facts: Facts) -> Reason:
    answer = _ANSWERS[compiled.evaluate(facts)]
    missing = compiled.missing(facts) if answer is Answer.UNKNOWN else ()
    return Reason(condition.code, condition.sentence, answer, missing, condition.basis)


def types_of(named: Mapping[str, str]) -> dict[str, str]:
    """The types of facts that are named by data elements: {fact: element id}. Raises NoSuchElement."""
    return {fact: elements.get(element_id).rule_type for fact, element_id in named.items()}


def problem(pack: Pack, where: str | tuple[str | int, ...], error: CannotCompile) -> Problem:
    """A refusal as a problem of a pack, for a kind's own check."""
    return pack.problem(where, error.message, error.hint)
