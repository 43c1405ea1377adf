"""Start the service with one command: folder, keys, certificate, tables, first account, HTTPS.

`serve` is the command; `running` is the same service inside another process (the demo visit and the
tests), on a thread, until its with block ends. Both go through `prepare`, which is safe to repeat:
what exists stays.

The folder (mode 700) holds secret.key, server.ed25519, tls.key and tls.crt, central.sqlite3 and
blobs/. Whoever has the folder has the service.
"""

from __future__ import annotations

import contextlib
import gc
import hashlib
import ipaddress
import os
import secrets
import socket
import sys
import threading
import time
import weakref
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from techkit.central import settings as central_settings
from techkit.errors import CentralError
from techkit.i18n import _

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

#: Devices pin the certificate itself, so it need not change often; a leaked key is answered by a
#: new certificate and new enrolment.
_CERTIFICATE_DAYS = 3650

#: Requests worked on at once. The work is database and Python: more threads than this only wait
#: for each other on a two-core machine.
_THREADS = 8

#: After so long without work a thread ends, and its connection to the database with it; as long as granian allows.
_IDLE_S = 600

_STOP_PATIENCE_S = 10


@dataclass(frozen=True, kw_only=True)
class FirstSteps:
    """What the person who started the service needs to know, once.

    password is "" when the account exists already. fingerprint: SHA-256 of the certificate, hex.
    """

    folder: Path
    fingerprint: str
    username: str
    password: str


@dataclass(frozen=True, kw_only=True)
class Service:
    """A service answering in this process: where, and how to recognise it."""

    url: str
    first: FirstSteps

    @property
    def fingerprint(self) -> str:
        """Return SHA-256 of the certificate, hex."""
        return self.first.fingerprint


def prepare(folder: Path, database_dsn: str = "", host: str = "localhost") -> FirstSteps:
    """Make whatever is missing in the folder, point Django at it and bring the tables up to date.

    Raises: CentralError when the folder or the database cannot be used.
    """
    folder = _folder(folder)
    _write_once(folder / "secret.key", secrets.token_urlsafe(50).encode("ascii"))
    _make_server_key(folder)
    fingerprint = _make_certificate(folder, host)
    point(folder, database_dsn)
    _migrate()
    username, password = _first_account()
    _remove_again()
    return FirstSteps(folder=folder, fingerprint=fingerprint, username=username, password=password)


def serve(
    folder: Path,
    host: str = "127.0.0.1",
    port: int = 8443,
    database_dsn: str = "",
    *,
    with_enrol_code: bool = False,
    is_restored: bool = False,
) -> int:
    """Run the service until it is interrupted; return the exit code.

    database_dsn: "postgresql://…" instead of SQLite in the folder; may also stand in the environment
    variable TECHKIT_CENTRAL_DATABASE. with_enrol_code: print a code for the first account's device.
    is_restored: the folder comes from a backup; devices are asked for what it may lack.
    """
    _refuse_taken_port(host, port)
    first = prepare(folder, database_dsn or os.environ.get(central_settings.DATABASE_VARIABLE, ""), host)
    if is_restored:
        from techkit.central import accounts, epochs

        epochs.new_epoch(accounts.the_org().id, "restored from a backup")
    missing = _ask_for_lost_files()
    if missing:
        print(
            _(
                "Files of visits that are missing here: {count}. The devices are asked for them.",
                count=missing,
            )
        )
    url = _address(host, port)
    _tell(first, url, _first_invitation(first.username, url) if with_enrol_code else "")
    server = _make_server(folder, host, port)
    # What is loaded by now stays; and a sync makes a hundred thousand small values that all go again
    # at once: looking through them over and over takes longer than the work on them.
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 20, 20)
    server.serve()
    release()
    print(_("techkit service stopped."), flush=True)
    return 0


@contextlib.contextmanager
def running(
    folder: Path, host: str = "127.0.0.1", port: int = 0, database_dsn: str = ""
) -> Iterator[Service]:
    """Answer HTTPS from this process while the with block lasts.

    port 0 takes a free one. One service at a time in a process.
    """
    port = port or _free_port(host)
    first = prepare(folder, database_dsn, host)
    _ask_for_lost_files()
    server = _make_server(folder, host, port)
    thread = threading.Thread(target=server.serve, name="techkit-central", daemon=True)
    thread.start()
    try:
        _wait_until_answering(host, port, thread)
        yield Service(url=_address(host, port), first=first)
    finally:
        server.signal_handler_interrupt()
        thread.join(_STOP_PATIENCE_S)
        release()


def _ask_for_lost_files() -> int:
    from techkit.central import accounts, presence

    return presence.ask_for_lost(accounts.the_org().id)


# --- the folder -----------------------------------------------------------------------------------


def _folder(folder: Path) -> Path:
    folder = folder.expanduser().resolve()
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.chmod(0o700)
        (folder / "blobs").mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise CentralError(
            _("The folder {folder} cannot be used.", folder=folder),
            safe=_("Nothing was changed."),
            advice=_("Name a folder you may write to with --data."),
        ) from error
    return folder


def _write_once(path: Path, content: bytes) -> None:
    """Write a file only its owner may read, unless it exists."""
    if path.exists():
        return
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _make_server_key(folder: Path) -> None:
    """Make the Ed25519 key the service signs with; its public half goes to each enrolled device."""
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    _write_once(
        folder / "server.ed25519",
        Ed25519PrivateKey.generate().private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ),
    )


def _make_certificate(folder: Path, host: str) -> str:
    """Make the TLS key and its self-signed certificate unless they exist; return its fingerprint."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

    key_path, certificate_path = folder / "tls.key", folder / "tls.crt"
    if certificate_path.exists() and key_path.exists():
        return fingerprint_of(x509.load_pem_x509_certificate(certificate_path.read_bytes()))
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "techkit")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        # A device whose clock is a day slow still finds the certificate valid.
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=_CERTIFICATE_DAYS))
        .add_extension(x509.SubjectAlternativeName(_names(host)), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .sign(key, hashes.SHA256())
    )
    _write_once(
        key_path,
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ),
    )
    _write_once(certificate_path, certificate.public_bytes(serialization.Encoding.PEM))
    return fingerprint_of(certificate)


def _names(host: str) -> list[Any]:
    """Return the names and addresses the certificate is for."""
    from cryptography import x509

    names: list[Any] = []
    for word in dict.fromkeys(["localhost", "127.0.0.1", "::1", socket.gethostname(), host]):
        try:
            address = ipaddress.ip_address(word)
        except ValueError:
            if word.isascii() and word:
                names.append(x509.DNSName(word))
        else:
            if not address.is_unspecified:
                names.append(x509.IPAddress(address))
    return names


def fingerprint_of(certificate: Certificate) -> str:
    """Return SHA-256 (hex) over the certificate as it goes over the wire (DER)."""
    from cryptography.hazmat.primitives import serialization

    return hashlib.sha256(certificate.public_bytes(serialization.Encoding.DER)).hexdigest()


# --- Django -----------------------------------------------------------------------------------------


def point(folder: Path, dsn: str = "") -> None:
    """Start Django on this folder and database, or turn a started one to them.

    Raises: CentralError when the database's address makes no sense.
    """
    try:
        described = central_settings.database(folder, dsn)
    except ValueError as error:
        raise CentralError(
            _("This is not the address of a database techkit can use."),
            safe=_("Nothing was changed."),
            advice=_("Write it as postgresql://user:password@host:port/name."),
        ) from error
    os.environ[central_settings.FOLDER_VARIABLE] = str(folder)
    os.environ[central_settings.DATABASE_VARIABLE] = dsn
    os.environ["DJANGO_SETTINGS_MODULE"] = "techkit.central.settings"
    import django
    from django.apps import apps
    from django.conf import settings
    from django.db import connections
    from django.db.backends.signals import connection_created

    connection_created.connect(_remember, dispatch_uid="techkit.central.server")
    if apps.ready:
        with contextlib.suppress(AttributeError):
            connections["default"].close()
            del connections["default"]
        # The handler keeps what it read at its first use; there is no public way to turn it.
        connections.__dict__["settings"] = connections.configure_settings({"default": described})
        settings.SECRET_KEY = central_settings.secret_key(folder)
        settings.TECHKIT_FOLDER = folder
    else:
        settings.TECHKIT_FOLDER = folder
        settings.SECRET_KEY = central_settings.secret_key(folder)
        settings.DATABASES = {"default": described}
        django.setup()


#: The database connections of every thread of this process, as long as they live.
_opened: weakref.WeakSet[Any] = weakref.WeakSet()


def _remember(connection: Any, **_facts: Any) -> None:
    _opened.add(connection)


def _migrate() -> None:
    from django.core.management import call_command
    from django.db import DatabaseError

    try:
        call_command("migrate", interactive=False, verbosity=0)
    except DatabaseError as error:
        raise CentralError(
            _("The database did not open, or its tables could not be brought up to date."),
            safe=_("What it holds was not changed."),
            advice=_("See that it runs and that its address, user and password are right."),
            cause=str(error),
        ) from error


def _remove_again() -> None:
    """Remove again whoever a restored backup brought back."""
    from techkit.central import accounts, erasures

    if erasures.is_behind():
        erasures.replay(accounts.the_org().id)


def _first_account() -> tuple[str, str]:
    """Make the organisation and the first account unless there is one; return its name and password."""
    from techkit.central import accounts
    from techkit.central.models import Org, Role, User

    org = Org.objects.order_by("id").first() or Org.objects.create(name=_("My organisation"))
    first = User.objects.filter(org=org, role=Role.ADMIN).order_by("id").first()
    if first is not None:
        return first.username, ""
    password = accounts.one_time_secret(5)
    made = accounts.make_staff(org, "admin", password, role=Role.ADMIN, is_one_time=True)
    return made.username, password


def _first_invitation(username: str, url: str) -> str:
    """Return the line that lets a device of this account in, once."""
    from techkit.central import accounts, invitations
    from techkit.central.models import User

    text, _row = accounts.new_enrol_code(None, User.objects.get(username=username))
    return invitations.invitation(url, text)


def release() -> None:
    """Give back what the service held in this process: its database connections."""
    from django.db import connections

    connections.close_all()
    for opened in list(_opened):
        # The server's threads are gone; their connections would stay open until collected.
        opened.inc_thread_sharing()
        opened.close()


# --- HTTPS --------------------------------------------------------------------------------------------


def _make_server(folder: Path, host: str, port: int) -> Any:
    """Return granian's server for this folder's certificate.

    Threads of one process, not processes: SQLite has one writer, and a thread can be stopped and
    joined inside another program. PostgreSQL takes more of it by starting the service twice.
    """
    from granian.constants import HTTPModes, Interfaces, SSLProtocols
    from granian.server.mt import MTServer

    class ThreadedServer(MTServer):
        """granian's threaded server, which may also be started off the main thread."""

        def _check_gil(self) -> None:
            """Accept an interpreter with a global lock.

            granian 2.8 offers threads in one process only where there is none, but its WSGI workers
            take turns under the lock as well.
            """

        def serve(self, *args: Any, **more: Any) -> None:
            """Serve as every granian server does, without the threaded one's warning."""
            super(MTServer, self).serve(*args, **more)

        def startup(self, spawn_target: Any, target_loader: Any) -> None:
            """Listen and start the workers; signals only where Python allows them."""
            if threading.current_thread() is threading.main_thread():
                super().startup(spawn_target, target_loader)  # type: ignore[no-untyped-call] # granian has no types here
                return
            self._init_shared_socket()  # type: ignore[no-untyped-call] # granian has no types here
            self._spawn_workers(spawn_target, target_loader)  # type: ignore[no-untyped-call] # the same

    return ThreadedServer(
        "techkit.central.wsgi:application",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        http=HTTPModes.auto,
        workers=1,
        blocking_threads=_THREADS,
        blocking_threads_idle_timeout=_IDLE_S,
        websockets=False,
        log_enabled=False,
        ssl_cert=folder / "tls.crt",
        ssl_key=folder / "tls.key",
        ssl_protocol_min=SSLProtocols.tls12,
    )


def _address(host: str, port: int) -> str:
    shown = {"0.0.0.0": socket.gethostname(), "::": socket.gethostname()}.get(host, host)  # noqa: S104 - compared, not bound
    return f"https://[{shown}]:{port}" if ":" in shown else f"https://{shown}:{port}"


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET


def _free_port(host: str) -> int:
    with socket.socket(_family(host)) as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])


def _refuse_taken_port(host: str, port: int) -> None:
    """Refuse a port somebody listens on: the HTTP server would share it without a word on Linux."""
    try:
        with socket.socket(_family(host)) as probe:
            if sys.platform != "win32":
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
    except OSError as error:
        raise CentralError(
            _("Port {port} on {host} cannot be used.", port=port, host=host),
            safe=_("Nothing was changed."),
            advice=_("Choose another with --port, or stop the program that uses it."),
        ) from error


def _wait_until_answering(host: str, port: int, thread: threading.Thread) -> None:
    for _attempt in range(400):
        if not thread.is_alive():
            break
        with contextlib.suppress(OSError), socket.create_connection((host, port), timeout=1):
            return
        time.sleep(0.025)
    raise CentralError(_("The service did not start on {host}:{port}.", host=host, port=port))


def grouped(fingerprint: str) -> str:
    """Return a fingerprint in groups people can compare: "AB12 CD34 …"."""
    text = fingerprint.upper()
    return " ".join(text[i : i + 4] for i in range(0, len(text), 4))


def _tell(first: FirstSteps, url: str, invitation: str) -> None:
    """Print where the service answers and how to get in."""
    print(_("techkit service on {url}", url=url))
    print(_("Folder: {folder}", folder=first.folder))
    print(_("Certificate SHA-256: {fingerprint}", fingerprint=grouped(first.fingerprint)))
    if first.password:
        print(_("First account: {name}", name=first.username))
        print(_("One-time password: {password}", password=first.password))
    if invitation:
        print(_("To let a device in, paste this line there once: {line}", line=invitation))
    print(_("Stop with Ctrl+C."), flush=True)
