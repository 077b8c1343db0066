"""Pages of the design system itself: the face switch, the language switch and the style guide."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST
from django.views.i18n import set_language

from yiwang.kernel.base.http import audience
from yiwang.kernel.design._samples import samples
from yiwang.kernel.design.context import FACE_COOKIE
from yiwang.kernel.design.queries import address

YEAR = 365 * 24 * 3600


@require_POST
@audience("public")
def face(request: HttpRequest) -> HttpResponse:
    """Remember 长辈版 or 标准版 in a cookie and go where the visitor was."""
    chosen = "elder" if request.POST.get("face") == "elder" else "standard"
    response = redirect(_back(request, chosen))
    response.set_cookie(FACE_COOKIE, chosen, max_age=YEAR, samesite="Lax", httponly=True, secure=request.is_secure())
    return response


def _back(request: HttpRequest, chosen: str) -> str:
    home, elder_home = address("home") or "/", address("elder-home")
    target = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(target, {request.get_host()}) or not target.startswith("/"):
        target = home
    if chosen == "elder":
        return elder_home or target
    return home if elder_home and target.startswith(elder_home) else target


language = audience("public")(set_language)


@audience("staff")
def style_guide(request: HttpRequest) -> HttpResponse:
    return render(request, "design/style_guide.html", samples())


urlpatterns = [
    path("face", face, name="face"),
    path("language", language, name="set_language"),
    path("design", style_guide, name="style-guide"),
]
