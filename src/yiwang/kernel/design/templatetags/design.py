"""Template tags of the design system; README.md lists them."""

import uuid
from collections.abc import Iterable, Mapping
from typing import Any

import segno
from django import template
from django.http import HttpRequest
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext

from yiwang.kernel.base import masking
from yiwang.kernel.base.contracts import Invalid, Place
from yiwang.kernel.design import _present
from yiwang.kernel.design.contracts import SketchMap
from yiwang.kernel.workdays import queries as workdays

register = template.Library()

MASKS = {
    "name": masking.mask_name,
    "id": masking.mask_id_number,
    "phone": masking.mask_phone,
    "account": masking.mask_account,
    "address": masking.mask_address,
}


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """A line icon of our sprite; decorative unless given a label."""
    about = format_html('role="img" aria-label="{}"', label) if label else mark_safe('aria-hidden="true"')
    return format_html(
        '<svg class="yw-icon" {}><use href="{}#{}"></use></svg>', about, static("design/icons.svg"), name
    )


@register.filter
def cn_date(value: object, style: str = "text") -> str:
    """`{{ day|cn_date }}`, `{{ day|cn_date:"table" }}`, `"minute"`, `"table-minute"`."""
    return _present.cn_date(value, style)


@register.simple_tag(name="cn_date")
def cn_date_tag(value: object, style: str = "text") -> SafeString:
    day = _present.as_day(value)
    return (
        format_html('<time datetime="{}">{}</time>', day.isoformat(), _present.cn_date(value, style))
        if day
        else SafeString("")
    )


@register.inclusion_tag("design/lamp.html")
def lamp(value: object) -> dict[str, Any]:
    """Colour, word and shape for green, yellow, red, paused, done, or anything with `.lamp`."""
    return {"lamp": _present.lamp_of(value)}


@register.simple_tag
def badge(text: object, tone: str = "") -> SafeString:
    """A small label; tone is brand, green, amber, red, demo or nothing."""
    return format_html('<span class="yw-badge{}">{}</span>', f" yw-badge-{tone}" if tone else "", text)


@register.inclusion_tag("design/empty.html")
def empty(title: str, hint: str = "", url: str = "", label: str = "", icon_name: str = "inbox") -> dict[str, Any]:
    """What would be here and what to do, for an empty list."""
    return {"title": title, "hint": hint, "url": url, "label": label, "icon_name": icon_name}


@register.inclusion_tag("design/pager.html", takes_context=True)
def pager(context: Mapping[str, Any], page: Any, param: str = "cursor") -> dict[str, Any]:
    """Links to the neighbouring pages of a keyset page; other query values stay."""
    return {
        "previous_url": _with(context["request"], param, page.previous_cursor),
        "next_url": _with(context["request"], param, page.next_cursor),
    }


def _with(request: HttpRequest, param: str, cursor: str | None) -> str:
    if not cursor:
        return ""
    query = request.GET.copy()
    query[param] = cursor
    return f"?{query.urlencode()}"


@register.inclusion_tag("design/masked.html", takes_context=True)
def masked(
    context: Mapping[str, Any], value: str | None, kind: str, reveal: str = "", label: str = ""
) -> dict[str, Any]:
    """A masked value; with `reveal` (a POST address answering {"value": …}) an eye button opens it."""
    return {
        "text": MASKS[kind](str(value or "")),
        "reveal": reveal if value else "",
        "label": label,
        "csrf_token": context.get("csrf_token"),
    }


@register.filter
def mask(value: str | None, kind: str) -> str:
    """`{{ person.name|mask:"name" }}`: name, id, phone, account, address."""
    return MASKS[kind](str(value or ""))


@register.simple_tag
def once_token() -> SafeString:
    """The hidden key under which `kernel.base.idempotency.once` knows this intake."""
    return format_html('<input type="hidden" name="once" value="{}">', uuid.uuid4().hex)


@register.inclusion_tag("design/due.html")
def due(due_at: object, lamp: str = "", style: str = "text") -> dict[str, Any]:
    """The due day and how many work days are left; quietly nothing when there is no due day."""
    day = _present.as_day(due_at)
    if day is None:
        return {"day": None}
    left, unit = _left(due_at)
    tone = {"red": "is-late", "yellow": "is-soon"}.get(lamp, "is-late" if left < 0 else "is-soon" if left <= 1 else "")
    said = _present.days_left(left, unit, is_over=lamp == "red")
    return {"day": day, "shown": _present.cn_date(due_at, style), "left": said, "tone": tone}


def _left(due_at: object) -> tuple[int, str]:
    day, today = _present.as_day(due_at), timezone.localdate()
    if day is None:
        return 0, "day"
    left = workdays.workdays_between(today, day)
    # On a rest day after the due day no work day has passed yet, and it is late all the same.
    return ((day - today).days, "day") if left == 0 and day != today else (left, "workday")


@register.inclusion_tag("design/timeline.html")
def timeline(items: Iterable[Any]) -> dict[str, Any]:
    """A vertical line of `Moment`s (or dicts of the same names)."""
    return {"items": list(items)}


@register.inclusion_tag("design/errors.html")
def errors(wrong: Any, title: str = "") -> dict[str, Any]:
    """The summary on top of a form: an Invalid, places, or {field: sentence}; links to each field."""
    places, message, hint = _places(wrong)
    return {
        "places": places,
        "message": title or message or gettext("请检查以下内容"),
        "hint": hint,
        "is_shown": bool(wrong),
    }


def _places(wrong: Any) -> tuple[list[Place], str, str]:
    if isinstance(wrong, Invalid):
        return list(wrong.places), wrong.message, wrong.hint
    if isinstance(wrong, Mapping):
        return [Place(str(k), str(v)) for k, v in wrong.items()], "", ""
    if isinstance(wrong, Iterable) and not isinstance(wrong, str):
        return list(wrong), "", ""
    return [], str(getattr(wrong, "message", wrong) or ""), str(getattr(wrong, "hint", ""))


@register.filter
def field_id(where: str) -> str:
    """The element id of a field path: `mother.phone` → `f-mother-phone`."""
    return "f-" + "".join(c if c.isalnum() else "-" for c in str(where))


@register.inclusion_tag("design/field.html")
def field(name: str, label: str, value: object = "", errors: Any = None, **options: Any) -> dict[str, Any]:
    """One labelled control. Options: type, required, help, options [(value, label)], choice, rows, autocomplete, inputmode, maxlength, placeholder, accept."""
    found = {place.where: place.message for place in _places(errors)[0]} if errors else {}
    return {
        "name": name,
        "id": field_id(name),
        "label": label,
        "value": "" if value is None else value,
        "error": found.get(name, ""),
        "type": options.pop("type", "text"),
        "required": options.pop("required", False),
        "choices": [(str(v), text) for v, text in options.pop("options", ())],
        **options,
    }


@register.simple_tag
def qr(url: str, label: str = "") -> SafeString:
    """A QR code as inline SVG, dark on white, with a text alternative."""
    code = segno.make(url, error="m")
    svg = code.svg_inline(scale=4, border=2, svgclass="", lineclass="", omitsize=True, title=label or gettext("二维码"))
    return mark_safe(f'<span class="yw-qr">{svg}</span>')  # noqa: S308 — segno escapes the title


@register.simple_tag(takes_context=True)
def current(context: Mapping[str, Any], url: str, exact: bool = True) -> SafeString:
    """`aria-current="page"` on a link to where the reader is."""
    here = context.get("here", "")
    return SafeString('aria-current="page"' if here == url or (not exact and url and here.startswith(url)) else "")


@register.inclusion_tag("design/sketch_map.html")
def sketch_map(found: SketchMap | None, label: str) -> dict[str, Any]:
    """Places over outlines, drawn by MapLibre when scrolled to; the page lists the same places beside it."""
    return {"data": found.as_json() if found and found.pins else None, "label": label}
