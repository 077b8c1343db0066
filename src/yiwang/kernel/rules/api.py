"""Trying a rule over JSON: the facts in, the answer with a reason for each condition out; nothing is kept."""

from datetime import date, datetime
from typing import Annotated, Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Schema
from pydantic import Field

from yiwang.kernel.base.http import ApiRouter, actor
from yiwang.kernel.rules import _trial, queries

desk = ApiRouter(tags=["规则试算"], audience="staff")

RuleId = Annotated[str, Field(max_length=120)]
Given = Annotated[str, Field(max_length=200)] | bool | int | None


class RuleOut(Schema):
    id: str
    kind: str
    title: str
    version: int
    hash: str
    since: datetime | None
    basis: list[str]


class TrialBody(Schema):
    """Facts by name; one left out is unknown. `on` is the day it is decided on, today by default."""

    facts: Annotated[dict[str, Given], Field(max_length=60)] = {}
    on: date | None = None


class ReasonOut(Schema):
    code: str
    sentence: str
    answer: str
    basis: str
    missing: list[str]


class TrialOut(Schema):
    """`answer` is met, not-met or unknown; numbers among `outputs` are text, so that none is rounded."""

    id: str
    version: int
    hash: str
    on: date
    answer: str
    failed: list[str]
    missing: list[str]
    reasons: list[ReasonOut]
    outputs: dict[str, str | bool | None]


@desk.get("", response=list[RuleOut])
def listed(request: HttpRequest) -> Any:
    """Every rule and decision table in force."""
    queries.require_trying(actor(request))
    return [
        RuleOut(
            id=each.pack.id,
            kind=each.pack.kind,
            title=str(each.pack.title),
            version=each.pack.version,
            hash=each.pack.hash,
            since=each.since,
            basis=list(each.basis),
        )
        for each in _trial.listed()
    ]


@desk.post("/{rule_id}/try", response=TrialOut)
def try_rule(request: HttpRequest, rule_id: RuleId, body: TrialBody) -> Any:
    """What a rule comes to over these facts, with its reasons; a POST, for facts do not belong into addresses."""
    queries.require_trying(actor(request))
    rule = queries.rule(queries.pack_of(rule_id).id, on=body.on or timezone.localdate())
    decision = rule.decide(body.facts)
    return TrialOut(
        id=rule.id,
        version=rule.version,
        hash=rule.hash,
        on=rule.on,
        answer=decision.answer.value,
        failed=list(decision.failed),
        missing=list(decision.missing),
        reasons=[
            ReasonOut(
                code=reason.code,
                sentence=str(reason.sentence),
                answer=reason.answer.value,
                basis=_trial.law(reason.basis),
                missing=list(reason.missing),
            )
            for reason in decision.reasons
        ],
        outputs={
            name: value if value is None or isinstance(value, bool) else str(value)
            for name, value in decision.outputs.items()
        },
    )
