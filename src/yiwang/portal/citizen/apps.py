"""Wiring of portal.citizen."""

from django.apps import AppConfig


class CitizenConfig(AppConfig):
    name = "yiwang.portal.citizen"
    label = "citizen"
