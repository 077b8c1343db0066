"""Runs a one-thing's worked examples: a family fills in the form, and the parts, days and materials come out as written."""

from collections.abc import Iterable, Iterator
from typing import Any

from yiwang.kernel.base.contracts import Invalid, YiwangError
from yiwang.kernel.forms import queries as forms
from yiwang.kernel.packs import queries as packs
from yiwang.kernel.packs.contracts import Pack, PackSet, Problem
from yiwang.services.journeys import _materials, _plan
from yiwang.services.journeys._book import Book, book
from yiwang.services.journeys.kinds import JourneyExample, JourneyPack


class Unlike(Invalid):
    code = "journeys.unlike"


def examples_hold(pack: Pack, among: PackSet) -> Iterable[Problem]:
    body = pack.as_type(JourneyPack)
    if not body.examples:
        return
    try:
        opened = book(pack, among)
    except YiwangError:
        return  # said by the check
    with packs.using(among):
        for n, example in enumerate(body.examples):
            for wrong in _wrong(opened, example):
                yield pack.problem(("examples", n), f"例子“{example.name}”不成立：{wrong}。", "请核对例子或配置。")


def _wrong(opened: Book, example: JourneyExample) -> Iterator[str]:
    then = example.then
    try:
        answers = forms.validate(opened.form, _given(opened, example), today=example.as_of)
    except Invalid as refused:
        failed = tuple(place.where for place in refused.places)
        if then.fails != failed:
            places = "；".join(f"{place.where} {place.message}" for place in refused.places)
            yield f"填写不能通过：{places or refused.message}"
        return
    if then.fails is not None:
        yield "填写通过了"
    days = {part.matter.id: part.matter.promised.n for part in opened.parts.values()}
    made = _plan.arrange(opened, answers, days)
    asked = [m.wanted for m in _materials.union(opened, made, answers) if m.wanted.is_asked]
    came = {
        "parts": tuple(copy.slot for copy in made.copies),
        "left_out": tuple(left.part for left in made.left_out),
        "days": made.schedule.days,
        "asked": tuple(wanted.key for wanted in asked),
        "may_promise": tuple(wanted.key for wanted in asked if wanted.may_promise),
    }
    for name, value in came.items():
        wanted = getattr(then, name)
        if wanted is not None and wanted != value:
            yield f"{name} 得到 {_shown(value)}，应为 {_shown(wanted)}"


def _given(opened: Book, example: JourneyExample) -> dict[str, Any]:
    """The answers, over those of the example it is like. Raises Unlike when there is none of that name."""
    if example.like is None:
        return dict(example.given)
    like = next((each for each in opened.body.examples if each.name == example.like and each.like is None), None)
    if like is None:
        raise Unlike(f"没有名为“{example.like}”且自己写全的例子。", hint="like 要写另一个例子的名称。")
    return {k: v for k, v in {**like.given, **example.given}.items() if k not in example.without}


def _shown(value: object) -> str:
    return "、".join(map(str, value)) if isinstance(value, tuple) else str(value)
