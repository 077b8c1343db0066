"""How long a code holds and how far clocks may differ, as the packs in force say."""

from datetime import timedelta

from yiwang.kernel.packs import queries as packs
from yiwang.support.codes.kinds import CODE_POLICY, CodePolicyPack


def policy() -> CodePolicyPack:
    """Raises PackNotFound."""
    return next(iter(packs.all_of(CODE_POLICY))).as_type(CodePolicyPack)


def life() -> timedelta:
    return timedelta(seconds=policy().lives_seconds)


def skew() -> timedelta:
    return timedelta(seconds=policy().skew_seconds)


def refresh_seconds() -> int:
    """Well before it is over: what is on the screen can always be scanned."""
    return policy().lives_seconds * 2 // 3
