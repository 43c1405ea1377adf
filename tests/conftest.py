"""Rules for every test: what must not be said, and what must not be left behind.

A test fails on an unexpected Python warning and Qt message (pyproject.toml), and here on a log line at WARNING or
above, and on a thread, a running timer or a window left behind. The home folder of whoever runs the tests is never
touched. Fakes and rooms of one package stand in that package's own conftest.py.
"""

from __future__ import annotations

import contextlib
import gc
import itertools
import logging
import os
import re
import shutil
import subprocess
import sys
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from pytestqt.qtbot import QtBot

from tests.services import postgres_server, prepared, template

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication

# Fixtures of the service, used by name.
__all__ = ["postgres_server", "prepared", "template"]

# Before the first QApplication of this process and of every process a test starts.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

# How long threads may take to end after the test that started them; waits only while one is there.
GRACE_S = 10.0

# How long a test waits for what must come: as long as it takes beside other work, for a pass is over as soon as it comes.
PATIENCE_MS = 30_000

# No time limits on examples: two cores are shared. --long multiplies the examples.
hypothesis_settings.register_profile(
    "short", deadline=None, max_examples=50, suppress_health_check=[HealthCheck.too_slow]
)
hypothesis_settings.register_profile(
    "long", deadline=None, max_examples=2000, suppress_health_check=[HealthCheck.too_slow]
)


class PatientBot(QtBot):
    """A QtBot whose waiting does not end before a busy computer gets there."""

    def waitUntil(self, callback: Callable[[], bool | None], *, timeout: int = PATIENCE_MS) -> None:  # noqa: N802 - QtBot's name
        super().waitUntil(callback, timeout=timeout)


@pytest.fixture
def qtbot(qapp: QApplication, request: pytest.FixtureRequest) -> QtBot:
    """Drive widgets, and close them after the test."""
    return PatientBot(request)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add --long and --db."""
    parser.addoption("--long", action="store_true", help="run the long forms too")
    parser.addoption(
        "--db", choices=("sqlite", "postgres"), default="sqlite", help="the service's database in its tests"
    )


def pytest_configure(config: pytest.Config) -> None:
    """Choose the number of examples for property tests."""
    hypothesis_settings.load_profile("long" if config.getoption("--long") else "short")


@pytest.hookimpl(optionalhook=True)
def pytest_xvfb_disable(config: pytest.Config) -> bool:
    """Start Xvfb only for a run that asks for a real screen.

    QT_QPA_PLATFORM=xcb ./dev test -o xvfb_width=1600 -o xvfb_height=1000 -o xvfb_colordepth=24
    """
    return os.environ["QT_QPA_PLATFORM"] != "xcb"


#: The files that take longest, longest first (20 s and more of a processor): begun first, so that none keeps one worker
#: busy when the others are done.
LONGEST = (
    "ui/test_no_clipping.py",
    "sync/test_histories.py",
    "browser/test_review_pages.py",
    "central/test_postgres.py",
    "browser/test_scenarios.py",
    "ui/widgets/test_lists.py",
    "test_rules.py",
    "ui/presenters/test_files.py",
    "diagnostics/test_faults.py",
    "ui/test_group_training.py",
    "ui/test_faulty_tools.py",
    "ui/test_flows.py",
    "scenarios/test_o2.py",
    "scenarios/test_o1.py",
    "ui/test_killed_window.py",
    "test_demo.py",
    "records/test_corpus_differences.py",
    "ui/test_on_a_screen.py",
    "sync/test_killed_service.py",
    "browser/test_whole_job.py",
)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Begin with the longest files, and skip long forms unless they were asked for."""
    here = Path(__file__).parent
    places = {here / name: place for place, name in enumerate(LONGEST)}
    items.sort(key=lambda item: places.get(item.path, len(places)))
    if not config.getoption("--long"):
        for item in items:
            if item.get_closest_marker("long"):
                item.add_marker(pytest.mark.skip(reason="a long form: ./dev test --long"))


# --- the machine's own folders ---------------------------------------------------------------------------------------


@pytest.fixture(scope="session", autouse=True)
def _own_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Give the run a home of its own, so that nothing is read from or written to the user's."""
    home = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        for name, folder in {
            "HOME": "",
            "XDG_CONFIG_HOME": ".config",
            "XDG_DATA_HOME": ".local/share",
            "XDG_CACHE_HOME": ".cache",
            "XDG_STATE_HOME": ".local/state",
            "APPDATA": "AppData/Roaming",
            "LOCALAPPDATA": "AppData/Local",
        }.items():
            (home / folder).mkdir(parents=True, exist_ok=True)
            patch.setenv(name, str(home / folder))
        yield


@pytest.fixture(scope="session")
def captures() -> Path:
    """Return the folder with raw output of real machines (TECHKIT_CAPTURES); skip where there is none."""
    folder = os.environ.get("TECHKIT_CAPTURES")
    if not folder:
        pytest.skip("TECHKIT_CAPTURES is not set: no output of real machines to read")
    return Path(folder)


# --- log lines -------------------------------------------------------------------------------------------------------


class _Loud(logging.Handler):
    """Keeps what was logged at WARNING or above."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(f"{record.levelname} {record.name}: {record.getMessage()}")


def unexpected_lines(lines: list[str], patterns: list[str]) -> list[str]:
    """Return what is wrong: lines that no pattern expects, and patterns that no line matched."""
    stray = [line for line in lines if not any(re.search(pattern, line) for pattern in patterns)]
    unmet = [pattern for pattern in patterns if not any(re.search(pattern, line) for line in lines)]
    return [f"unexpected log line: {line}" for line in stray] + [
        f"expected log line never came: {pattern}" for pattern in unmet
    ]


@pytest.fixture(autouse=True)
def _quiet_log(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail on a log line at WARNING or above that no `expects_log` marker names."""
    loud = _Loud()
    root = logging.getLogger()
    root.addHandler(loud)
    yield
    root.removeHandler(loud)
    expected = [marker.args[0] for marker in request.node.iter_markers("expects_log")]
    if wrong := unexpected_lines(loud.lines, expected):
        pytest.fail("\n".join(wrong), pytrace=False)


# --- threads ---------------------------------------------------------------------------------------------------------


def lingering(before: set[threading.Thread], grace_s: float = GRACE_S) -> list[str]:
    """Return the names of threads that live on although they were not in `before`, after waiting `grace_s`."""
    ends = time.monotonic() + grace_s
    while new := [thread for thread in threading.enumerate() if thread not in before]:
        # Threads that Qt or C code called in from: they end with their own pool.
        new = [thread for thread in new if not isinstance(thread, threading._DummyThread)]
        if not new or time.monotonic() > ends:
            return [thread.name for thread in new]
        time.sleep(0.01)
    return []


@pytest.fixture(autouse=True)
def _no_threads_left() -> Iterator[None]:
    """Fail when a thread started during the test outlives it; those of wider fixtures were there before."""
    before = set(threading.enumerate())
    yield
    if names := lingering(before):
        pytest.fail(f"threads left behind: {', '.join(names)}", pytrace=False)


# --- garbage ---------------------------------------------------------------------------------------------------------

#: Full rounds are slow in a process that has loaded all tests: one in so many.
_FULL_EVERY = 200
_rounds = itertools.count(1)


@pytest.fixture(autouse=True)
def _garbage_on_this_thread() -> Iterator[None]:
    """Look for garbage here, between tests, once the toolkit is loaded; a service's thread would let go of windows."""
    yield
    if "PySide6.QtWidgets" in sys.modules:
        gc.disable()
        gc.collect(1 if next(_rounds) % _FULL_EVERY else 2)


# --- windows and timers ----------------------------------------------------------------------------------------------


_started_timers: weakref.WeakSet[Any] = weakref.WeakSet()


def _watch_timers() -> None:
    """Remember every QTimer that is started, once per process."""
    from PySide6.QtCore import QTimer

    if getattr(QTimer, "_watched", False):
        return
    start = QTimer.start

    def watched(self: QTimer, *args: Any) -> None:
        start(self, *args)
        _started_timers.add(self)

    QTimer.start = watched  # type: ignore[method-assign]  # the only way to see timers without a parent
    QTimer._watched = True  # type: ignore[attr-defined]  # our mark


def _alive(thing: Any) -> bool:
    import shiboken6

    return bool(shiboken6.isValid(thing))


def _running_timers() -> set[Any]:
    return {timer for timer in list(_started_timers) if _alive(timer) and timer.isActive()}


@pytest.fixture(autouse=True)
def _nothing_left_on_screen() -> Iterator[None]:
    """Fail when a window or a running timer made during the test outlives it."""
    if "PySide6.QtWidgets" not in sys.modules:
        # Qt may come with a fixture of this test: watch from then on.
        yield
        if "PySide6.QtWidgets" not in sys.modules:
            return
        windows_before: set[Any] = set()
        timers_before: set[Any] = set()
    else:
        from PySide6.QtWidgets import QApplication

        _watch_timers()
        windows_before = set(QApplication.topLevelWidgets()) if QApplication.instance() else set()
        timers_before = _running_timers()
        yield
    from PySide6.QtCore import QCoreApplication, QEvent
    from PySide6.QtWidgets import QApplication

    _watch_timers()
    if QApplication.instance() is None:
        return
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    windows = [w for w in QApplication.topLevelWidgets() if w not in windows_before and _alive(w)]
    timers = _running_timers() - timers_before
    left = [f"window {type(w).__name__} {w.objectName()!r}" for w in windows]
    left += [f"timer of {type(t.parent()).__name__}, every {t.interval()} ms" for t in timers]
    for window in windows:  # so that the next test starts clean
        window.close()
        window.deleteLater()
    for timer in timers:
        timer.stop()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    if left:
        pytest.fail(f"left behind: {'; '.join(left)}", pytrace=False)


@pytest.fixture(scope="session")
def real_password_cost() -> Iterator[tuple[int, int]]:
    """Hash the staff's passwords cheaply in this process; give what it costs otherwise (KiB, passes).

    At its full price a hash takes a fifth of a second, and nearly every test of the service needs two or three.
    """
    from django.contrib.auth.hashers import Argon2PasswordHasher

    real = (Argon2PasswordHasher.memory_cost, Argon2PasswordHasher.time_cost)
    with pytest.MonkeyPatch.context() as patch:
        for name, cheap in {"memory_cost": 64, "time_cost": 1, "parallelism": 1}.items():
            patch.setattr(Argon2PasswordHasher, name, cheap)
        yield real


@pytest.fixture(scope="session")
def empty_service(tmp_path_factory: pytest.TempPathFactory, real_password_cost: tuple[int, int]) -> Path:
    """Prepare a central service once; tests copy its folder."""
    from techkit.central import server

    folder = tmp_path_factory.mktemp("empty-service")
    server.prepare(folder)
    server.release()
    return folder


@pytest.fixture
def secret_service(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Run the key store of GNOME on a message bus of its own, unlocked as after a login."""
    needed = ("dbus-daemon", "gnome-keyring-daemon")
    missing = [name for name in needed if shutil.which(name) is None]
    if missing:
        pytest.skip(f"not on this computer: {', '.join(missing)}")
    home = tmp_path / "home"
    (home / ".local/share/keyrings").mkdir(parents=True)
    with contextlib.ExitStack() as ends:
        bus = subprocess.Popen(
            ["dbus-daemon", "--session", "--nofork", "--print-address"],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        ends.callback(bus.wait, 10)
        ends.callback(bus.terminate)
        assert bus.stdout is not None
        ends.callback(bus.stdout.close)
        address = bus.stdout.readline().strip()
        monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", address)
        environment = {**os.environ, "HOME": str(home), "XDG_RUNTIME_DIR": str(home)}
        keyring = subprocess.Popen(
            ["gnome-keyring-daemon", "--foreground", "--unlock", "--components=secrets"],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=environment,
        )
        ends.callback(keyring.wait, 10)
        ends.callback(keyring.terminate)
        assert keyring.stdin is not None
        keyring.stdin.write(b"login")
        keyring.stdin.close()
        yield
