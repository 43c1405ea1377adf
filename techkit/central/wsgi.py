"""The service as a WSGI application; server.py prepares the folder before this is imported."""

from __future__ import annotations

from django.core.wsgi import get_wsgi_application

_application = get_wsgi_application()

from techkit.central.patience import Patience  # noqa: E402 - models can be loaded only now

application = Patience(_application)
