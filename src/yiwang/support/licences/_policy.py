"""How a place shares licences, as the packs in force say."""

from yiwang.kernel.packs import queries as packs
from yiwang.support.licences.kinds import USE_POLICY, LicenceUsePolicy


def policy() -> LicenceUsePolicy:
    """The place's own; without one, nothing goes without the holder's leave."""
    found = packs.all_of(USE_POLICY)
    return found[0].as_type(LicenceUsePolicy) if found else _DEFAULT


_DEFAULT = LicenceUsePolicy.model_validate(
    {"kind": USE_POLICY, "id": "licence-use", "title": "证照共享规则", "days_max": 30, "answer_days": 7}
)
