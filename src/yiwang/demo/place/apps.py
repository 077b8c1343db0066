"""Wiring of the demo place."""

from django.apps import AppConfig


class DemoConfig(AppConfig):
    name = "yiwang.demo.place"
    label = "demo_place"

    def ready(self) -> None:
        from yiwang.demo.place import _doubles_kinds, _play_kinds, kinds

        kinds.register_kinds()
        _doubles_kinds.register_kinds()
        _play_kinds.register_kinds()
