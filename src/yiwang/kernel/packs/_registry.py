"""The kinds of pack that apps have declared, each with its schema, its cross-checks and its way to run examples."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from yiwang.kernel.packs.contracts import Pack, PackModel, PackSet, Problem, Sheet

Manual: TypeAlias = "Callable[[Pack, PackSet], Iterable[Sheet]] | None"
Check: TypeAlias = "Callable[[Pack, PackSet], Iterable[Problem]] | None"


@dataclass(frozen=True, slots=True)
class KindSpec:
    """A kind: `check` sees the pack among all others, `examples` runs its worked examples, `manual` writes its pages."""

    kind: str
    schema: "type[PackModel]"
    check: "Check"
    examples: "Check"
    manual: "Manual" = None


_kinds: dict[str, KindSpec] = {}


def register(
    kind: str,
    schema: "type[PackModel]",
    *,
    check: "Check" = None,
    examples: "Check" = None,
    manual: "Manual" = None,
) -> None:
    """Declare a kind of pack; called once in AppConfig.ready(). A second, different claim to a kind is an error."""
    spec = KindSpec(kind, schema, check, examples, manual)
    if _kinds.setdefault(kind, spec) != spec:
        raise ValueError(f"pack kind {kind} is already registered with {_kinds[kind].schema.__name__}")


def spec_of(kind: str) -> KindSpec | None:
    return _kinds.get(kind)


def known_kinds() -> list[str]:
    return sorted(_kinds)
