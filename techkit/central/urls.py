"""Every address of the service.

Whether an address may be asked without a session is decided in doors.py alone; here nothing is
public. The device's side (/api/v1/…) is signed by its key and answers for itself.
"""

from __future__ import annotations

from django.urls import path

from techkit.central.pages import health, sign_in

urlpatterns = [
    path("healthz", health.alive),
    path("readyz", health.ready),
    path("sign-in", sign_in.sign_in),
    path("sign-out", sign_in.sign_out),
    path("password", sign_in.password),
]
