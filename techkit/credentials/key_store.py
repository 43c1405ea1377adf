"""The operating system's key store, asked in a child process that is ended after 10 s.

A locked Secret Service was seen to block for ever. The backend is named, never discovered: a planted configuration
file was seen to run foreign code and get the secret (docs/decisions/0011-vault.md).
"""

from __future__ import annotations

import base64
import os
import queue
import sys
from collections.abc import Mapping
from typing import Any

from techkit.children.child import Child, own_program
from techkit.children.frames import read_frame, write_frame
from techkit.errors import CredentialError
from techkit.i18n import _

#: Backends by platform: name -> (module, class). Named, never discovered.
_BACKENDS: dict[str, dict[str, tuple[str, str]]] = {
    "win32": {"windows": ("keyring.backends.Windows", "WinVaultKeyring")},
    "darwin": {"macos": ("keyring.backends.macOS", "Keyring")},
    "linux": {
        "secret-service": ("keyring.backends.SecretService", "Keyring"),
        "kwallet": ("keyring.backends.kwallet", "DBusKeyring"),
    },
}

_SERVICE = "techkit"

#: How long the system's key store may take, with a person answering its prompt.
LIMIT_S = 10.0


def backends() -> list[str]:
    """Return the names of the key stores this platform may have, the usual one first."""
    return list(_BACKENDS.get(sys.platform, _BACKENDS["linux"]))


def keep(vault_id: str, secret: bytes, backends: list[str]) -> str:
    """Give a secret to the first of these key stores that hands it back; return its name."""
    text = base64.b64encode(secret).decode()
    for place, backend in enumerate(backends, 1):
        try:
            ask(backend, "set", vault_id, text)
            if ask(backend, "get", vault_id) == text:
                return backend
            raise trouble(backend)
        except CredentialError:
            if place == len(backends):
                raise
    raise trouble("")


def ask(backend: str, action: str, user: str, secret: str = "") -> str:
    """Return the key store's answer, asked in a child process. Raises: CredentialError."""
    answers: queue.SimpleQueue[Any] = queue.SimpleQueue()
    try:
        child = Child(
            own_program("techkit.credentials.key_store", "--key-store"),
            lambda _child, message: answers.put(message),
            extra_environment=_session(),
        )
    except OSError as error:
        raise trouble(backend) from error
    try:
        child.send({"backend": backend, "action": action, "user": user, "secret": secret})
        answer = answers.get(timeout=LIMIT_S)
    except queue.Empty:
        raise trouble(backend) from None
    finally:
        child.kill()
    if not isinstance(answer, dict) or answer.get("state") != "ok":
        raise trouble(backend, str(answer.get("state")) if isinstance(answer, dict) else "")
    return str(answer.get("secret") or "")


def _session() -> list[tuple[str, str]]:
    """Return what the key store's own prompt needs of the user's session."""
    names = ("DISPLAY", "WAYLAND_DISPLAY", "XAUTHORITY") if sys.platform == "linux" else ()
    return [(name, os.environ[name]) for name in names if name in os.environ]


def main() -> int:
    """Answer one question to the key store, as the child process `--key-store`."""
    request = read_frame(sys.stdin.buffer)
    answer: dict[str, str] = {"state": "malformed"}
    if isinstance(request, dict):
        try:
            answer = _answer(request)
        except Exception as error:
            answer = {"state": type(error).__name__}
    write_frame(sys.stdout.buffer, answer)
    return 0


def _answer(request: Mapping[str, Any]) -> dict[str, str]:
    import importlib

    module, name = _BACKENDS.get(sys.platform, _BACKENDS["linux"])[str(request["backend"])]
    store = getattr(importlib.import_module(module), name)()
    if sys.platform == "win32":
        store.persist = "local machine"  # or the secret roams with the domain profile
    user = str(request["user"])
    held = None
    if request["action"] == "set":
        store.set_password(_SERVICE, user, str(request["secret"]))
    elif request["action"] == "delete":
        store.delete_password(_SERVICE, user)
    else:
        held = store.get_password(_SERVICE, user)
    return {"state": "ok", "secret": held or ""}


def trouble(backend: str, state: str = "") -> CredentialError:
    """Return what to say when the key store did not answer as it should."""
    return CredentialError(
        _("The computer’s own key store did not answer."),
        safe=_("Nothing is lost; the key is not kept anywhere in clear."),
        advice=_("Use the passphrase."),
        backend=backend,
        state=state,
    )


if __name__ == "__main__":
    sys.exit(main())
