"""Brings the database to the current structure, as its owner."""

from django.core.management import call_command

from yiwang.site import database
from yiwang.site.grants import apply_grants


def bring_up_to_date() -> None:
    """Migrate, then set anew what the app role may do."""
    call_command("migrate", verbosity=0, interactive=False)
    role = database.app_role()
    if role:
        apply_grants(role)
