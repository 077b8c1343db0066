"""送达报告 and what did not arrive: figures by day, template, campaign and channel; one page to send again."""

from datetime import date, timedelta

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from yiwang.kernel.base import tables
from yiwang.kernel.base.contracts import Conflict, Denied, Invalid
from yiwang.kernel.base.http import actor, audience
from yiwang.kernel.workdays.queries import legal_day
from yiwang.support.notify import _campaign_rows, _report, _webhooks, actions
from yiwang.support.notify._report import Asked

USUAL = timedelta(days=29)
HEADER = (
    "项目",
    "渠道",
    "应发",
    "在途",
    "送达",
    "已读",
    "未送达",
    "已关闭",
    "没有地址",
    "当天已够",
    "已合并",
    "中位用时（秒）",
)


@never_cache
@require_GET
@audience("staff")
def report(request: HttpRequest) -> HttpResponse:
    """Figures with a chart by day, and why messages did not arrive."""
    by, asked = actor(request), _asked(request)
    try:
        rows, by_day = _report.report(asked, by), _report.report(_by_day(asked), by)
        reasons, wrong = _report.reasons(asked, by), None
    except Invalid as found:
        rows, by_day, reasons, wrong = [], [], [], found
    named = _report.titles(rows, asked.group)
    facts = {
        "asked": asked,
        "rows": [(named.get(row.key, row.key), row) for row in rows],
        "group_word": _report.GROUPS[asked.group],
        "groups": list(_report.GROUPS.items()),
        "reasons": reasons,
        "chart": [(row.key, row.channel_word, row.total) for row in by_day],
        "query": request.GET.urlencode(),
        "wrong": wrong,
    }
    return render(request, "notify/report.html", facts, status=422 if wrong else 200)


@never_cache
@require_GET
@audience("staff")
def report_file(request: HttpRequest) -> HttpResponse:
    """The same figures as a table."""
    found = _report.report(_asked(request), actor(request))
    rows = [
        (row.key, row.channel_word, row.total, row.under_way, row.delivered, row.read, row.lost, row.declined,
         row.unreachable, row.held, row.joined, "" if row.median_seconds is None else row.median_seconds)
        for row in found
    ]  # fmt: skip
    return tables.answer([HEADER, *rows], filename="messages.csv")


@never_cache
@require_GET
@audience("staff")
def undelivered(request: HttpRequest) -> HttpResponse:
    """What did not arrive, and addresses of other systems that were switched off."""
    by = actor(request)
    facts = {"page": _report.dead_letters(by, request.GET.get("cursor")), "ended": _webhooks.ended_seen(by)}
    return render(request, "notify/undelivered.html", facts)


@require_POST
@audience("staff")
def again(request: HttpRequest, delivery_id: int) -> HttpResponse:
    """Send it again."""
    try:
        actions.send_again(delivery_id=delivery_id, by=actor(request), at=timezone.now())
    except (Conflict, Denied) as wrong:
        messages.error(request, f"{wrong.message}{wrong.hint}")
    else:
        messages.success(request, "已重新发送。")
    return redirect("desk-undelivered")


def _asked(request: HttpRequest) -> Asked:
    said, today = request.GET, legal_day(timezone.now())
    last = _day(said.get("last")) or today
    group, campaign = said.get("group", ""), said.get("campaign", "")
    number = int(campaign) if campaign.isdecimal() and len(campaign) < 18 else 0
    if number:
        _campaign_rows.row_seen(number, actor(request))
    return Asked(
        first=_day(said.get("first")) or last - USUAL,
        last=last,
        group=group if group in _report.GROUPS else "channel",
        template=said.get("template", "")[:120],
        campaign=number,
    )


def _by_day(asked: Asked) -> Asked:
    return Asked(asked.first, asked.last, "day", asked.template, asked.campaign)


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None


urlpatterns = [
    path("desk/messages/report", report, name="desk-message-report"),
    path("desk/messages/report.csv", report_file, name="desk-message-report-file"),
    path("desk/messages/undelivered", undelivered, name="desk-undelivered"),
    path("desk/messages/undelivered/<int:delivery_id>/again", again, name="desk-undelivered-again"),
]
