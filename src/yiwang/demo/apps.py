"""Wiring of the demo place."""

from django.apps import AppConfig


class DemoConfig(AppConfig):
    name = "yiwang.demo"
    label = "demo"

    def ready(self) -> None:
        from yiwang.demo.kinds import register_kinds

        register_kinds()
