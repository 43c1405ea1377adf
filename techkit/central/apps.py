"""Tells Django where the service's tables are."""

from __future__ import annotations

from django.apps import AppConfig


class CentralConfig(AppConfig):
    """The one application of the service."""

    name = "techkit.central"
    label = "central"
    default_auto_field = "django.db.models.BigAutoField"
