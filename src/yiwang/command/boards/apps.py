"""Wiring of command.boards."""

from django.apps import AppConfig


class BoardsConfig(AppConfig):
    name = "yiwang.command.boards"
    label = "boards"

    def ready(self) -> None:
        """Declare the pack kind, and show leaders the way in the rail."""
        from yiwang.command.boards import _rail, kinds
        from yiwang.kernel.design.contracts import register_rail

        kinds.register_kinds()
        register_rail(_rail.entries)
