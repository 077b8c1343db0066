"""The one sentence that a stranger reads: valid, or not and why."""

from datetime import date

from django.utils.translation import gettext

from yiwang.support.licences._face import day
from yiwang.support.licences.contracts import Status


def sentence(
    status: Status, valid_from: date, valid_to: date | None, changed_on: date, issuer: str, today: date
) -> str:
    facts = {
        "today": day(today),
        "from": day(valid_from),
        "to": day(valid_to) if valid_to else "",
        "changed": day(changed_on),
        "issuer": issuer,
    }
    if status is Status.VALID and valid_from > today:
        return gettext("这份证照从%(from)s起有效，现在还没有生效。") % facts
    return _sentences()[status] % facts


def _sentences() -> dict[Status, str]:
    return {
        Status.VALID: gettext("截至%(today)s，这份证照有效。"),
        Status.SUSPENDED: gettext("%(issuer)s已于%(changed)s暂扣这份证照，暂扣期间无效。"),
        Status.REVOKED: gettext("%(issuer)s已于%(changed)s撤销这份证照。"),
        Status.CANCELLED: gettext("%(issuer)s已于%(changed)s注销这份证照。"),
        Status.LAPSED: gettext("这份证照的有效期到%(to)s为止，已经失效。"),
        Status.MOVING: gettext("%(issuer)s从%(changed)s起办理这份证照的转出，办理期间无效。"),
        Status.WITHDRAWN: gettext("%(issuer)s已于%(changed)s吊销这份证照。"),
    }
