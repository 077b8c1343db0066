"""The club of the unit tests, for flows made at random."""

from tests.unit.kernel.cases.conftest import club, hooks, players

__all__ = ["club", "hooks", "players"]
