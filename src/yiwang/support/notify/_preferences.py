"""What a party has chosen, as it is shown."""

from django.utils.translation import get_language

from yiwang.kernel.base.contracts import Actor
from yiwang.support.notify import queries
from yiwang.support.notify._reach import mark
from yiwang.support.notify.contracts import CategoryChoice, Channel, PreferenceView
from yiwang.support.notify.kinds import MessageCategory
from yiwang.support.notify.models import Preference

CHANNELS = ("site", *(each.value for each in Channel))


def of(by: Actor) -> PreferenceView:
    """One's own choices; as the place has them for whoever never chose."""
    row = Preference.objects.filter(party=by.party_id).first() or Preference()
    policy = queries.policy()
    return PreferenceView(
        categories=tuple(_choice(body, frozenset(row.off)) for body in queries.categories()),
        language=row.language,
        quiet_from=row.quiet_from,
        quiet_until=row.quiet_until,
        quiet_hours_max=policy.own_quiet_hours_max if policy else 24,
        email=_masked(str(row.email or "")),
        is_confirmed=row.confirmed_at is not None,
        asked_at=row.asked_at,
    )


def _choice(body: MessageCategory, off: frozenset[str]) -> CategoryChoice:
    is_english = (get_language() or "").startswith("en")
    return CategoryChoice(
        id=body.id,
        title=body.title.in_language("en" if is_english else "zh"),
        note=body.note,
        basis="；".join(f"《{each.title}》{each.article and f'第{each.article}条'}" for each in body.legal_basis),
        on=tuple(name for name in CHANNELS if name in body.keeps or mark(body.id, name) not in off),
        kept=tuple(body.keeps),
    )


def _masked(email: str) -> str:
    name, _, domain = email.partition("@")
    return f"{name[:1]}***@{domain}" if email else ""
