"""Wiring of services.matters."""

from typing import ClassVar

from django.apps import AppConfig


class MattersConfig(AppConfig):
    name = "yiwang.services.matters"
    label = "matters"
    append_only: ClassVar = ("ImportRun", "ImportProblem")

    def ready(self) -> None:
        from yiwang.services.matters import kinds

        kinds.register_kinds()
