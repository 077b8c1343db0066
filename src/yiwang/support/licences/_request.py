"""What a request tells the pages and the API: whose licences, and which visitor."""

from django.http import HttpRequest
from django.utils import timezone

from yiwang.kernel.base.contracts import Actor
from yiwang.kernel.base.http import actor
from yiwang.kernel.people import queries as people
from yiwang.kernel.people.contracts import PartyKind
from yiwang.support.licences import actions
from yiwang.support.licences.contracts import NotYourOwn


def own_key(by: Actor) -> str:
    """The subject whose licences these are. Raises NotYourOwn for somebody who acts for another person."""
    party = people.party(by.acting_for or 0)
    if by.principal_id and party.kind is PartyKind.PERSON:
        raise NotYourOwn("代他人办理时不能查看其证照。", hint="请切换回本人身份，或由本人登录查看。")
    return party.subject_key


def count_lookup(request: HttpRequest, *, was_miss: bool) -> None:
    """Raises TooManyLookups."""
    address = str(request.META.get("REMOTE_ADDR", ""))
    actions.count_lookup(visitor=address, by=actor(request), at=timezone.now(), was_miss=was_miss)
