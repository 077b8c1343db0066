"""The benches, one function each."""

from yiwang.demo.bench._cases import run as cases

__all__ = ["cases"]
