"""What a matter ends with: a certificate in the register, a paper to be sent, or a record.

The flow says how the case's data becomes it: `{do: applications.issue_result, with: {holder: {name: child_name}, fields: {…}}}`;
values name answers of the form, or `=` and a constant. Where the flow says nothing, the matter's own `result_fields` do.
"""

from collections.abc import Mapping
from typing import Any

from yiwang.kernel.base.contracts import SYSTEM
from yiwang.kernel.base.sealing import sealed_index
from yiwang.kernel.cases import queries as cases
from yiwang.kernel.cases.contracts import EffectContext
from yiwang.kernel.people import queries as people
from yiwang.services.applications import _promises
from yiwang.services.applications.contracts import Basics, CannotIssue
from yiwang.services.applications.models import Filing
from yiwang.services.matters import queries as matters
from yiwang.services.matters.contracts import ImplementationView
from yiwang.support.delivery import actions as delivery
from yiwang.support.delivery.contracts import Recipient
from yiwang.support.licences import actions as issued
from yiwang.support.licences import queries as licences
from yiwang.support.licences.contracts import Holder, Status

CITIZEN, OTHER = "111", "999"


def title_of(context: EffectContext) -> str:
    """What the result is called on documents; empty where the matter has none."""
    kind, _, name = _declared(context).partition(":")
    return name if kind in {"paper", "record"} else context.case.title


def make(context: EffectContext) -> dict[str, Any]:
    """Make the declared result; returns what other matters may use. Raises CannotIssue.

    From here on it is checked what was only promised.
    """
    promises = _promises.rest_on(context.case)
    _promises.require_unbroken(promises)
    kind, _, name = _declared(context).partition(":")
    made: dict[str, Any] = {}
    if kind == "licence":
        made = _licence(context, name)
    papers = context.params.get("papers") or ([name] if kind == "paper" else [])
    if papers:
        _send(context, list(papers))
    _promises.open_checks(context, promises)
    return made


def reverse(context: EffectContext) -> None:
    """Revoke every certificate that the case issued and that is still in force."""
    for licence in licences.of_case(context.case.number):
        if licence.status in (Status.VALID, Status.SUSPENDED):
            # Who may correct the decision was asked; the register follows it.
            issued.revoke(licence_id=licence.id, grounds=context.grounds, by=SYSTEM, at=context.at)


def _declared(context: EffectContext) -> str:
    if "result" in context.params:
        return str(context.params["result"])
    matter = _matter(context)
    return matter.result if matter else "record:"


def _matter(context: EffectContext) -> ImplementationView | None:
    """The list that the case was filed under; none for what is no matter of its own."""
    basics = Basics.from_data(cases.data(context.case.id))
    if basics.implementation_id is None or basics.on is None:
        return None
    return matters.get(basics.implementation_id, on=basics.on)


def _fields(context: EffectContext) -> Mapping[str, str]:
    if "fields" in context.params:
        named: Mapping[str, str] = context.params["fields"]
        return named
    matter = _matter(context)
    return matter.result_fields if matter else {}


def _licence(context: EffectContext, type_id: str) -> dict[str, Any]:
    answers = Basics.from_data(cases.data(context.case.id)).answers
    values = {**answers, **context.form}
    holder = _holder(context, values)
    found = {name: _value(source, values) for name, source in _fields(context).items()}
    keepers = [str(v) for s in context.params.get("keepers") or () if (v := _value(s, values))]
    # The step decided; the register is written by the system on its behalf, as the event tells.
    licence = issued.issue(
        type_id=type_id,
        holder=holder,
        issuer_org_id=context.case.org_id,
        fields={name: value for name, value in found.items() if value not in (None, "")},
        case_number=context.case.number,
        slot=context.case.slot,
        keepers=[sealed_index(number) for number in keepers],
        by=SYSTEM,
        at=context.at,
    )
    return {
        "licence": licence.type_id,
        "licence_id": licence.id,
        "identifier": licence.identifier,
        "number": licence.number,
    }


def _holder(context: EffectContext, values: Mapping[str, Any]) -> Holder:
    """Whom the flow names, else the applicant."""
    named: Mapping[str, str] | None = context.params.get("holder")
    if named is None:
        if context.case.applicant_id is None:
            raise CannotIssue("办件没有申请人，无法签发结果。", hint="请联系管理员。")
        party = people.party(context.case.applicant_id)
        return Holder(party.name, party.id_type, party.id_number)
    name = _value(named.get("name", ""), values)
    if not name:
        raise CannotIssue("缺少持证人姓名，无法签发结果。", hint="请核对办件填写内容。")
    number = str(_value(named.get("id_number", ""), values) or "")
    return Holder(str(name), CITIZEN if number else OTHER, number)


def _value(source: str, values: Mapping[str, Any]) -> Any:
    return source[1:] if source.startswith("=") else values.get(source)


def _send(context: EffectContext, papers: list[str]) -> None:
    """Order delivery of papers to the address given at filing; without one they wait at the window."""
    filing = Filing.objects.filter(case=context.case.root_id).first()
    address = filing.delivery if filing else None
    if not address:
        return
    delivery.order(
        case_number=context.case.number,
        recipient=Recipient(address.get("recipient", ""), address.get("phone", "")),
        address=address.get("address", ""),
        items=papers,
        by=SYSTEM,
        at=context.at,
    )
