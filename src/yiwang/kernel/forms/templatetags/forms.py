"""Tags that draw a form, one group of it, or its review page."""

from collections.abc import Mapping
from typing import Any

from django import template
from django.urls import reverse

from yiwang.kernel.base.contracts import Invalid
from yiwang.kernel.files import queries as files
from yiwang.kernel.forms import _render, _summary
from yiwang.kernel.forms import queries as forms
from yiwang.kernel.forms.contracts import Answers, FormDef, Known

register = template.Library()


@register.inclusion_tag("forms/fill.html", takes_context=True)
def form_fill(
    context: Mapping[str, Any],
    form: FormDef,
    answers: Answers | None = None,
    errors: Invalid | None = None,
    known: Mapping[str, Known] | None = None,
    draft_key: str = "",
    action: str = "",
    saved_at: Any = None,
    onward: str = "",
) -> dict[str, Any]:
    """The whole form as an HTML form that posts to `action` (names are field paths; `forms.actions.receive` reads it);
    `onward` is what the button says where it files nothing yet."""
    known = known or {}
    return {
        "form": form,
        "title": _summary.in_language(form.title),
        "groups": _render.groups(form, answers or {}, errors, known),
        "errors": errors,
        "action": action,
        "onward": onward,
        "draft_key": draft_key,
        "saved_at": saved_at,
        "known_count": sum(not each.may_change for each in known.values()),
        "draft_url": reverse("forms-draft", args=[form.id, draft_key]) if draft_key else "",
        "files_url": reverse("forms-upload", args=[form.id]),
        "objection_url": reverse("forms-objection", args=[form.id]),
        "browser": forms.as_json(form, language=_summary.language(), known=known),
        "csrf_token": context.get("csrf_token"),
        "request": context.get("request"),
    }


@register.inclusion_tag("forms/group.html", takes_context=True)
def form_group(
    context: Mapping[str, Any],
    form: FormDef,
    group_id: str,
    answers: Answers | None = None,
    errors: Invalid | None = None,
    known: Mapping[str, Known] | None = None,
) -> dict[str, Any]:
    """One group of a form, for pages that lay out their own form."""
    drawn = _render.groups(form, answers or {}, errors, known or {})
    return {"group": next(one for one in drawn if one["id"] == group_id), "csrf_token": context.get("csrf_token")}


@register.inclusion_tag("forms/summary.html")
def form_summary(
    form: FormDef, answers: Answers, known: Mapping[str, Known] | None = None, edit_url: str = "", file_url: str = ""
) -> dict[str, Any]:
    """Answers in the order of the form; `edit_url` gives each group a way back, `file_url` is a url name that takes a file id."""
    blocks = forms.summary(form, answers, known=known)
    ids = {one for block in blocks for line in block.lines for one in line.file_ids}
    found = files.named(ids)
    return {
        "edit_url": edit_url,
        "file_url": file_url or "forms-file",
        "blocks": [
            {
                "id": block.id,
                "anchor": block.id.partition(".")[0],
                "title": block.title,
                "lines": [(line, [found[one] for one in line.file_ids if one in found]) for line in block.lines],
            }
            for block in blocks
        ],
    }
