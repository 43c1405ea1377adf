"""Every address of the service.

Whether an address may be asked without a session is decided in doors.py alone; here nothing is
public. The device's side (/api/v1/…) is signed by its key and answers for itself.
"""

from __future__ import annotations

from django.urls import path

from techkit.central.pages import health

urlpatterns = [
    path("healthz", health.alive),
]
