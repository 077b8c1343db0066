"""Wiring of kernel.elements."""

from django.apps import AppConfig


class ElementsConfig(AppConfig):
    name = "yiwang.kernel.elements"
    label = "elements"

    def ready(self) -> None:
        from yiwang.kernel.elements.kinds import (
            CODE_LIST,
            ELEMENT,
            CodeListPack,
            ElementPack,
            code_list_exists,
            examples_hold,
        )
        from yiwang.kernel.packs.contracts import register

        register(CODE_LIST, CodeListPack)
        register(ELEMENT, ElementPack, check=code_list_exists, examples=examples_hold)
