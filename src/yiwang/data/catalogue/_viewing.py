"""Who looks at the catalogue's pages, and for which unit."""

from typing import Any

from django.http import HttpRequest

from yiwang.data.catalogue.contracts import VIEW
from yiwang.kernel.access import queries as access
from yiwang.kernel.base.contracts import Actor, Denied
from yiwang.kernel.base.http import actor


def viewer(request: HttpRequest) -> Actor:
    """Who looks. Raises Denied for who may not see the catalogue."""
    by = actor(request)
    if not access.may_anywhere(by, VIEW):
        raise Denied("您的岗位不能查看数据目录。", hint="请联系本单位负责人确认岗位。")
    return by


def unit_of(request: HttpRequest, mine: list[Any]) -> int:
    """The unit that somebody acts for: the one chosen, else the only one."""
    given = request.POST.get("org", "")
    known = [org.id for org in mine]
    if given.isdecimal() and int(given) in known:
        return int(given)
    if not known:
        raise Denied("您没有编制目录的岗位。", hint="请由本单位联络员提出。")
    return int(known[0])
