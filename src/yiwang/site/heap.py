"""What a long-lived process has loaded stays as long as it lives: the garbage collector need not look at it again and again."""

import gc

# A request makes some thousand objects that refer to others; nearly all are gone with it, without the collector.
_YOUNG = 20_000


def grow() -> None:
    """Call before everything is loaded: half a million objects that stay are looked at a few times instead of hundreds."""
    gc.set_threshold(_YOUNG)


def settle() -> None:
    """Call once everything is loaded, before a fork: pages that the collector does not touch stay shared."""
    gc.collect()
    gc.freeze()
    grow()
