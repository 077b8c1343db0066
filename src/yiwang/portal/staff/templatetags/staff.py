"""Look-ups that the desk's templates need."""

from collections.abc import Hashable, Mapping, Sequence
from typing import Any

from django import template

from yiwang.kernel.cases import queries as cases
from yiwang.kernel.cases.contracts import CaseView, ChoiceView, StepBack
from yiwang.kernel.forms.contracts import Difference, FormDef
from yiwang.services.applications import queries as applications

register = template.Library()


@register.simple_tag
def differing(differences: Mapping[str, Difference], path: str) -> Difference | None:
    """What a register holds where it differs from the answer at `path`."""
    return differences.get(path)


@register.simple_tag
def kind_name(code: str) -> str:
    """What a kind of case is called."""
    return cases.kind(code).name


@register.simple_tag
def named(names: Mapping[Hashable, str], key: Hashable) -> str:
    """What stands in `names` for a person's or a place's key."""
    return names.get(key, "")


@register.simple_tag(takes_context=True)
def refused(context: Mapping[str, Any], address: str, instance: str = "") -> Mapping[str, Any]:
    """What was sent to `address` and refused, with what was wrong: it stands in its form again."""
    request = context["request"]
    sent = request.POST
    if not context["wrong"] or request.path != address or sent.get("instance", "") != instance:
        return {}
    more = {"ticked": sent.getlist("ground"), "answers": context["answers"], "wrong": context["wrong"]}
    return {**sent.dict(), **more}


@register.simple_tag
def pause_reasons(case: CaseView) -> Sequence[tuple[str, str]]:
    """Reasons of the case's flow for which its time is not counted."""
    return cases.pause_reasons(case.id)


@register.simple_tag
def makes_documents(choice: ChoiceView) -> bool:
    """Whether a choice issues a document that can be looked at first."""
    return applications.makes_documents(choice)


@register.simple_tag
def form_of(forms: Mapping[str, FormDef], form_id: str) -> FormDef | None:
    """The form that comes with a choice."""
    return forms.get(form_id)


@register.simple_tag
def returns_of(returns: Mapping[int, Sequence[StepBack]], task_id: int) -> Sequence[StepBack]:
    """The earlier steps to which a task may be returned."""
    return returns.get(task_id, ())
