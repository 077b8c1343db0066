"""Wiring of kernel.rules."""

from django.apps import AppConfig


class RulesConfig(AppConfig):
    name = "yiwang.kernel.rules"
    label = "rules"
