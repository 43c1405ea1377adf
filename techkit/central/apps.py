"""Tells Django where the service's tables are, and who keeps the records up to date."""

from __future__ import annotations

from django.apps import AppConfig


class CentralConfig(AppConfig):
    """The one application of the service."""

    name = "techkit.central"
    label = "central"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Let whoever reads records find them folded up to the end of their history."""
        from techkit.central import folding, models

        models.CurrentManager.bring_up = folding.catch_up
