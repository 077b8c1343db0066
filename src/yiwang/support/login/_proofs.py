"""What the ways by which somebody proved who they are come to."""

from collections.abc import Collection

from yiwang.support.login.contracts import Assurance, Method

_LEVELS = {
    Method.PASSWORD: Assurance.PASSWORD,
    Method.TEXT_MESSAGE: Assurance.CODE,
    Method.TIME_CODE: Assurance.CODE,
    Method.PASSKEY: Assurance.PASSKEY,
}


def level_of(methods: Collection[Method]) -> Assurance:
    """The level of the strongest of them."""
    return max((_LEVELS[method] for method in methods), default=Assurance.NONE)
