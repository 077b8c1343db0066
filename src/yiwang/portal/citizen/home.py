"""The front page, 长辈版, notices, and help."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_GET

from yiwang.kernel.base.http import audience
from yiwang.kernel.design.queries import address
from yiwang.portal.citizen import _home, _one_things
from yiwang.portal.citizen._home import Side

NOTICES_SHOWN = 5


@require_GET
@audience("public")
def home(request: HttpRequest) -> HttpResponse:
    """One large search, tabs 个人 | 企业, one-things, themes, notices and figures; 长辈版 for who chose it."""
    if request.COOKIES.get("face") == "elder":
        return elder_home(request)
    side: Side = "firm" if request.GET.get("for") == "firm" else "person"
    today, page = timezone.localdate(), _home.front()
    context = {
        "side": side,
        "page": page,
        "tiles": _home.tiles(page, side) if page else [],
        "one_things": _one_things.cards(side),
        "planned": [_home.said(each) for each in page.planned] if page and side == "person" else [],
        "hot": [_home.said(each) for each in page.hot] if page else [],
        "notices": _home.notices(today)[:NOTICES_SHOWN],
        "figures": _home.figures(today),
    }
    return render(request, "citizen/home.html", context)


@require_GET
@audience("public")
def elder_home(request: HttpRequest) -> HttpResponse:
    """Four things, big, and a telephone."""
    page = _home.front()
    return render(request, "citizen/elder.html", {"tiles": _home.elder(page) if page else []})


@require_GET
@audience("public")
def notice(request: HttpRequest, notice_id: str) -> HttpResponse:
    found = next((row for row in _home.notices(timezone.localdate()) if row.id == notice_id), None)
    if found is None:
        raise Http404(_("没有这条公告，或已经过期。"))
    return render(request, "citizen/notice.html", {"notice": found})


@require_GET
@audience("public")
def notices(request: HttpRequest) -> HttpResponse:
    return render(request, "citizen/notices.html", {"notices": _home.notices(timezone.localdate())})


@require_GET
@audience("public")
def help_page(request: HttpRequest) -> HttpResponse:
    return render(request, "citizen/help.html")


# What can be asked: page name, icon, title, note.
QUESTIONS = (
    ("track", "clock", gettext_noop("办件进度"), gettext_noop("用办件编号和手机尾号查，不用登录")),
    ("my-cases", "list", gettext_noop("我的办件"), gettext_noop("登录后看自己办的所有事")),
    ("licence-ask", "shield", gettext_noop("证照真伪"), gettext_noop("用证照上的查验码核对")),
    ("data-use", "eye", gettext_noop("谁用过我的数据"), gettext_noop("登录后看谁、为哪件事、凭什么看过")),
    ("matters", "search", gettext_noop("办事指南"), gettext_noop("条件、材料、费用和时限")),
    ("halls", "pin", gettext_noop("附近大厅"), gettext_noop("地址、电话和上班时间")),
)


@require_GET
@audience("public")
def ask(request: HttpRequest) -> HttpResponse:
    """我要查: what can be looked up, as far as there is a page for it."""
    tiles = [
        _home.Tile(_(title), icon, url, _(note)) for name, icon, title, note in QUESTIONS if (url := address(name))
    ]
    return render(request, "citizen/ask.html", {"tiles": tiles})


urlpatterns = [
    path("ask", ask, name="ask"),
    path("", home, name="home"),
    path("elder", elder_home, name="elder-home"),
    path("notices", notices, name="notices"),
    path("notices/<str:notice_id>", notice, name="notice"),
    path("help", help_page, name="help"),
]
