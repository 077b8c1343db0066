"""Entities on the desk: runs and what waits for a person, one pair side by side with what speaks for and against."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from yiwang.data.entities import actions, queries
from yiwang.data.entities.contracts import JUDGE, PairView, Verdict
from yiwang.kernel.access import queries as access
from yiwang.kernel.base.http import actor, audience

TITLES = {
    Verdict.WAITING: "待判断", Verdict.LATER: "以后再定", Verdict.TAKEN: "已算同一个", Verdict.SAME: "判为同一个",
    Verdict.DIFFERENT: "判为不同",
}  # fmt: skip
ROLES = {
    "name": "姓名或名称", "sex": "性别", "born_on": "出生日期", "id_number": "公民身份号码", "phone": "电话", "address": "地址",
    "code": "统一社会信用代码", "leader": "法定代表人",
}  # fmt: skip
_WIDEST = 20.0


@never_cache
@require_GET
@audience("staff")
def board(request: HttpRequest) -> HttpResponse:
    """Pairs of one verdict (`?verdict=`, waiting ones first of all) and the last runs."""
    by = actor(request)
    asked = request.GET.get("verdict", "")
    verdict = Verdict(asked) if asked in list(Verdict) else Verdict.WAITING
    page, titles = queries.pairs(by, verdict, request.GET.get("cursor")), queries.titles()
    context = {
        "page": page, "lines": [(pair, *_called(pair, titles), _named(pair)) for pair in page.items],
        "verdict": str(verdict), "title": TITLES[verdict],
        "choices": [(str(each), title) for each, title in TITLES.items()],
        "runs": [(run, titles.get(run.model, (run.model, {}))[0]) for run in queries.runs(by, size=5).items],
    }  # fmt: skip
    return render(request, "entities/board.html", context)


@never_cache
@require_GET
@audience("staff")
def pair(request: HttpRequest, pair_id: int) -> HttpResponse:
    """A pair with masked values."""
    return _show(request, queries.pair(pair_id, actor(request)), is_open=False)


@never_cache
@require_POST
@audience("staff")
def opened(request: HttpRequest, pair_id: int) -> HttpResponse:
    """The same with values as they are; written down."""
    return _show(request, actions.open_pair(pair_id=pair_id, by=actor(request), at=timezone.now()), is_open=True)


@require_POST
@audience("staff")
def judge(request: HttpRequest, pair_id: int) -> HttpResponse:
    """Keep what the person says, go on to the next that waits."""
    by, said = actor(request), request.POST.get("verdict", "")
    verdict = Verdict(said) if said in list(Verdict) else Verdict.WAITING
    done = actions.judge(pair_id=pair_id, verdict=verdict, by=by, at=timezone.now())
    messages.success(request, f"已记下：{TITLES[done.verdict]}。下一次归一照此办理。")
    following = queries.pairs(by, Verdict.WAITING, size=1).items
    return redirect("desk-entities-pair", following[0].id) if following else redirect("desk-entities")


def _show(request: HttpRequest, found: PairView, *, is_open: bool) -> HttpResponse:
    by = actor(request)
    context = {
        "pair": found, "is_open": is_open, "title": TITLES[found.verdict],
        "sources": _called(found, queries.titles())[1],
        "rows": [(ROLES[role], one, other, one == other and bool(one)) for role, one, other in found.values],
        "evidence": [(each, round(min(abs(each.bits), _WIDEST) * 5), each.bits < 0) for each in found.evidence],
        "may_judge": access.may_anywhere(by, JUDGE),
    }  # fmt: skip
    return render(request, "entities/pair.html", context)


def _called(pair: PairView, titles: dict[str, tuple[str, dict[str, str]]]) -> tuple[str, tuple[str, str]]:
    """The model and the two sources by their titles; by their codes where the packs know them no more."""
    model, sources = titles.get(pair.model, (pair.model, {}))
    one, other = pair.sources
    return model, (sources.get(one, one), sources.get(other, other))


def _named(pair: PairView) -> tuple[str, str]:
    return next(((one, other) for role, one, other in pair.values if role == "name"), ("", ""))


urlpatterns = [
    path("desk/entities", board, name="desk-entities"),
    path("desk/entities/pairs/<int:pair_id>", pair, name="desk-entities-pair"),
    path("desk/entities/pairs/<int:pair_id>/opened", opened, name="desk-entities-opened"),
    path("desk/entities/pairs/<int:pair_id>/verdict", judge, name="desk-entities-judge"),
]
