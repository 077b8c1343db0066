"""When a line goes down, the cases that wait for it say so."""

from yiwang.support.connectors._cases import hear, say_line_is_down

__all__ = ["hear", "say_line_is_down"]
