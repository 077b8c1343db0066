"""What a page hands to the browser so that a passkey can answer."""

from typing import Any

from django.http import HttpRequest
from django.utils import timezone

from yiwang.kernel.base.http import public_url
from yiwang.kernel.design import queries as design
from yiwang.support.login import queries
from yiwang.support.login.contracts import Assurance, NoPasskeysHere, PasskeyUse, RelyingParty


def site_of(request: HttpRequest) -> RelyingParty:
    """This site under the address of the settings; without one, as it was called by one of the names that are ours."""
    return RelyingParty(public_url(request), design.portal().title)


def passkey_question(
    request: HttpRequest, use: PasskeyUse, account_id: int | None = None, *, least: Assurance = Assurance.NONE
) -> dict[str, Any] | None:
    """The question to a passkey; None where there can be none, and the page offers the other ways only."""
    try:
        at = timezone.now()
        return queries.request_options(use, site=site_of(request), at=at, account_id=account_id, least=least)
    except NoPasskeysHere:
        return None
