"""The site with one page more: the sample form, as an app above would show it."""

from datetime import date

from django.http import HttpRequest, HttpResponse
from django.template import RequestContext, Template
from django.urls import path
from django.utils import timezone

from tests.unit.kernel.forms.sample import place_with_form
from yiwang.kernel.base.http import actor
from yiwang.kernel.forms import actions, queries
from yiwang.kernel.forms.contracts import AnswersInvalid, Known
from yiwang.kernel.packs import queries as packs
from yiwang.site.urls import urlpatterns as site

PAGE = """{% extends "base.html" %}{% load forms %}{% block title %}出生申请表{% endblock %}{% block content %}<h1>出生申请表</h1>
{% if done %}<p id="done">核对</p>{% form_summary form answers known "/sample" %}
{% else %}{% form_fill form answers errors known draft_key="sample" action="/sample" %}{% endif %}{% endblock %}"""
KNOWN = {"mother_name": Known("陈晓岚", "陈晓岚", "population", "户籍信息", date(2026, 11, 1))}


def sample(request: HttpRequest) -> HttpResponse:
    with packs.using(place_with_form()):
        form, by = queries.get("test.birth"), actor(request)
        kept = queries.draft(form.id, "sample", by)
        facts: dict[str, object] = {"form": form, "answers": kept.answers if kept else {}, "known": KNOWN}
        if request.method == "POST":
            answers, wrong = actions.receive(
                form=form, data=request.POST, uploads=request.FILES, by=by, at=timezone.now()
            )
            facts["answers"] = answers
            if queries.intent(request.POST)[0] == "next":
                try:
                    facts |= {"answers": queries.validate(form, answers, known=KNOWN, by=by), "done": True}
                except AnswersInvalid as invalid:
                    facts["errors"] = invalid
            facts["errors"] = wrong or facts.get("errors")
        return HttpResponse(Template(PAGE).render(RequestContext(request, facts)))


urlpatterns = [path("sample", sample), *site]
