"""One command makes the service: folder, keys, certificate, tables, first account, HTTPS."""

from __future__ import annotations

import http.client
import ssl
import stat
import sys
from pathlib import Path

import pytest

from techkit.central import server
from techkit.errors import CentralError


def fetch(
    service: server.Service, path: str, method: str = "GET", body: bytes = b""
) -> http.client.HTTPResponse:
    """Ask the service once, trusting exactly its own certificate; redirects are not followed."""
    trust = ssl.create_default_context(cafile=str(service.first.folder / "tls.crt"))
    host, port = service.url.removeprefix("https://").split(":")
    connection = http.client.HTTPSConnection(host, int(port), context=trust, timeout=20)
    connection.request(method, path, body=body or None)
    answer = connection.getresponse()
    answer.text = answer.read().decode()  # type: ignore[attr-defined]  # added for the tests
    connection.close()
    return answer


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no file modes")
def test_the_folder_and_its_secrets_are_for_the_owner_only(prepared: tuple[Path, str]) -> None:
    """The folder has mode 700, every key in it 600."""
    first = server.prepare(prepared[0], prepared[1])
    server.release()
    assert stat.S_IMODE(first.folder.stat().st_mode) == 0o700
    for name in ("secret.key", "tls.key", "server.ed25519"):
        assert stat.S_IMODE((first.folder / name).stat().st_mode) == 0o600


def test_a_second_start_keeps_everything(tmp_path: Path) -> None:
    """Starting again keeps keys and account; the one-time password is told once."""
    first = server.prepare(tmp_path / "service")
    again = server.prepare(tmp_path / "service")
    server.release()
    assert first.password
    assert not again.password
    assert first.fingerprint == again.fingerprint
    assert len(first.fingerprint) == 64


def test_it_answers_over_https_and_shows_the_sign_in(service: server.Service) -> None:
    """Health is open; every page without a session answers with the sign-in; the API says 401."""
    assert fetch(service, "/healthz").status == 200
    assert fetch(service, "/readyz").status == 200
    for path in ("/", "/visits", "/overview", "/devices", "/no-such-page", "/visits/approve"):
        answer = fetch(service, path)
        assert answer.status == 302, path
        assert answer.headers["Location"].startswith("/sign-in"), path
    assert fetch(service, "/api/v1/visits").status == 401
    assert "Sign in" in fetch(service, "/sign-in").text  # type: ignore[attr-defined]  # added for the tests


def test_the_pages_carry_a_strict_policy(service: server.Service) -> None:
    """Nothing inline, nothing from elsewhere, no frame, no cache, cookies for this host alone."""
    answer = fetch(service, "/sign-in")
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "no-store"
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-csrf=")
    assert {"Secure", "HttpOnly", "SameSite=Strict", "Path=/"} <= {part.strip() for part in cookie.split(";")}


def test_a_foreign_certificate_is_not_trusted(service: server.Service) -> None:
    """The certificate is the service's own: a client that trusts public authorities refuses it."""
    host, port = service.url.removeprefix("https://").split(":")
    connection = http.client.HTTPSConnection(
        host, int(port), context=ssl.create_default_context(), timeout=20
    )
    with pytest.raises(ssl.SSLCertVerificationError):
        connection.request("GET", "/healthz")


def test_a_taken_port_is_refused_in_words(service: server.Service, tmp_path: Path) -> None:
    """Two services never share a port in silence."""
    port = int(service.url.rsplit(":", 1)[1])
    with pytest.raises(CentralError, match=str(port)):
        server.serve(tmp_path / "second", port=port)
    assert not (tmp_path / "second").exists()


def test_a_database_address_that_makes_no_sense_is_refused(tmp_path: Path) -> None:
    """An unknown database is refused with how to write it right."""
    with pytest.raises(CentralError) as refused:
        server.prepare(tmp_path / "service", "mysql://somewhere")
    assert "postgresql://" in refused.value.advice


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    """A file where the folder should be ends in a sentence, not in a traceback."""
    (tmp_path / "taken").write_text("a file")
    with pytest.raises(CentralError, match="cannot be used"):
        server.prepare(tmp_path / "taken")
