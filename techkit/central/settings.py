"""Django's settings, read from the service's folder.

server.py names the folder and the database in the environment before Django starts; without a
folder (a tool that only reads the code) everything stands in memory and nothing is secret.
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import Any

from techkit import resources

#: Names the service's folder; set by server.prepare.
FOLDER_VARIABLE = "TECHKIT_CENTRAL_FOLDER"
#: Holds the DSN of another database than the folder's SQLite file. In the environment and not on
#: the command line, where every user of the machine could read its password.
DATABASE_VARIABLE = "TECHKIT_CENTRAL_DATABASE"


def database(folder: Path | None, dsn: str) -> dict[str, Any]:
    """Return Django's description of the database: PostgreSQL by DSN, else SQLite in the folder."""
    if dsn.startswith(("postgresql://", "postgres://")):
        from psycopg.conninfo import conninfo_to_dict

        options: dict[str, Any] = dict(conninfo_to_dict(dsn))
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": options.pop("dbname", ""),
            "USER": options.pop("user", ""),
            "PASSWORD": options.pop("password", ""),
            "HOST": options.pop("host", ""),
            "PORT": str(options.pop("port", "")),
            "OPTIONS": options,
            "CONN_MAX_AGE": 60,
            "CONN_HEALTH_CHECKS": True,
        }
    if dsn and not dsn.startswith("sqlite:///"):
        raise ValueError(f"not a database address: {dsn.split(':', 1)[0]}")
    name = dsn.removeprefix("sqlite:///") or (str(folder / "central.sqlite3") if folder else ":memory:")
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": name,
        "OPTIONS": {
            # A write lock is taken when a transaction begins: no upgrade that fails half way.
            "transaction_mode": "IMMEDIATE",
            # Seconds to wait for another writer.
            "timeout": 20,
            # FULL: what was acknowledged survives a power cut also with write-ahead logging.
            # Pages of 8 kB (where the file is made now) hold seven operations instead of three: a quarter less to write.
            "init_command": "PRAGMA page_size=8192; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; "
            # In pages, 32 MB: a device that sends ten thousand changes does not wait for the log to be folded in.
            "PRAGMA cache_size=-16000; PRAGMA wal_autocheckpoint=4000; "
            # What is deleted or written over is zeroed in the file: a customer who was removed is gone from it.
            "PRAGMA secure_delete=ON;",
        },
        "CONN_MAX_AGE": 60,
    }


def secret_key(folder: Path | None) -> str:
    """Return the key that signs sessions and forms; a throw-away one without a folder."""
    path = folder / "secret.key" if folder else None
    return path.read_text(encoding="ascii").strip() if path and path.exists() else secrets.token_urlsafe(50)


_folder_text = os.environ.get(FOLDER_VARIABLE, "")
TECHKIT_FOLDER: Path | None = Path(_folder_text) if _folder_text else None

SECRET_KEY = secret_key(TECHKIT_FOLDER)
DEBUG = False
# The service is reached by whatever name or address the office's network gives it; no page is built
# from the Host header (all links are relative), and foreign forms fail the CSRF check.
ALLOWED_HOSTS = ["*"]

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "axes",
    "techkit.central.apps.CentralConfig",
]
MIDDLEWARE = [
    "techkit.central.doors.AddressMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "techkit.central.doors.LanguageMiddleware",
    "techkit.central.doors.DoorMiddleware",
    "axes.middleware.AxesMiddleware",
]
ROOT_URLCONF = "techkit.central.urls"
WSGI_APPLICATION = "techkit.central.wsgi.application"

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "DIRS": [resources.root() / "pages" / "templates"],
        "OPTIONS": {"environment": "techkit.central.rendering.environment", "autoescape": True},
    },
]

DATABASES = {"default": database(TECHKIT_FOLDER, os.environ.get(DATABASE_VARIABLE, ""))}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "central.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
# argon2id with Django's parameters (OWASP Password Storage: >= 19 MiB, 2 passes, 1 lane).
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        # NIST SP 800-63B-4: 15 where the password stands alone.
        "OPTIONS": {"min_length": 15},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "/sign-in"
LOGIN_REDIRECT_URL = "/"

# After five wrong passwords the pair of account and address waits; other people stay untouched.
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_LOCKOUT_CALLABLE = "techkit.central.pages.sign_in.locked_out"
AXES_VERBOSE = False
AXES_ENABLE_ADMIN = False
AXES_CLIENT_IP_CALLABLE = "techkit.central.doors.client_address"

SESSION_COOKIE_NAME = "__Host-session"
SESSION_COOKIE_SECURE = True
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Strict"
# ASVS 5.0 V7: server-side sessions, idle 30 min; doors.py ends a session after 12 hours.
SESSION_COOKIE_AGE = 30 * 60
SESSION_SAVE_EVERY_REQUEST = False
TECHKIT_SESSION_HOURS = 12
CSRF_COOKIE_NAME = "__Host-csrf"
CSRF_COOKIE_SECURE = True
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Strict"
CSRF_FAILURE_VIEW = "techkit.central.doors.csrf_failed"

SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
        "base-uri": ["'none'"],
    }
}

STATIC_URL = "/static/"
STATIC_ROOT = str(resources.root() / "pages" / "static")
WHITENOISE_AUTOREFRESH = False
WHITENOISE_USE_FINDERS = False
WHITENOISE_ALLOW_ALL_ORIGINS = False
WHITENOISE_MAX_AGE = 60

LANGUAGE_CODE = "en"
USE_I18N = False  # texts go through techkit.i18n
USE_TZ = True
TIME_ZONE = "UTC"

# One request body: larger ones are refused before they are read (PROMISES S6: 8 MiB compressed); files too, see doors.py.
DATA_UPLOAD_MAX_MEMORY_SIZE = 8 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000

LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "level": "WARNING", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {
        # A wrong password is the world's doing, not the program's; the audit trail keeps it.
        "axes": {"level": "ERROR"},
        # Refusals (4xx) are answers; only faults (5xx) are logged.
        "django": {"handlers": [], "level": "WARNING"},
        "django.request": {"level": "ERROR"},
        "django.security": {"level": "ERROR"},
    },
}
