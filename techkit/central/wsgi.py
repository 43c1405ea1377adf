"""The service as a WSGI application; server.py prepares the folder before this is imported."""

from __future__ import annotations

from django.core.wsgi import get_wsgi_application

application = get_wsgi_application()
