"""The benches, one function each."""

from yiwang.demo.bench._cases import run as cases
from yiwang.demo.bench._rules import run as rules
from yiwang.demo.bench._tickets import run as tickets
from yiwang.support.seals.queries import rates as trust

__all__ = ["cases", "rules", "tickets", "trust"]
