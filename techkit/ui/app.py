"""The running program: its window, its lanes, the lock card, the look; what is open stands in session.py.

Before the first paint nothing but Qt, the look and the lock card is loaded; the rest is loaded in
the background while the passphrase is typed. Leaving the unlocked state, by the lock or the end of
the program, closes the store and drops every presenter and page.
"""

from __future__ import annotations

import functools
import gc
import importlib
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QApplication

from techkit import i18n, settings
from techkit.errors import TechkitError
from techkit.i18n import _
from techkit.ui import theme
from techkit.ui.presenters.unlock import UnlockState
from techkit.ui.session import Session
from techkit.ui.sweeping import Sweeping
from techkit.ui.tasks import QtLanes
from techkit.ui.widgets.buttons import IconButton
from techkit.ui.widgets.shell import Shell
from techkit.ui.widgets.unlock import UnlockPage

if TYPE_CHECKING:
    from techkit.credentials.slots import Limits
    from techkit.store.database import Store
    from techkit.ui.key_cards import KeyCards
    from techkit.ui.presenters.lanes import Ticket
    from techkit.ui.presenters.surroundings import Surroundings
    from techkit.ui.presenters.unlock import Unlock

#: Loaded in the background after the first paint, so that unlocking waits for none of it. None of these
#: knows the toolkit: its classes come into being on the window's own thread only (decision 0043).
LATER = (
    "techkit.credentials.keys",
    "techkit.store.database",
    "techkit.diagnostics.runner",
    "techkit.ui.presenters.today",
    "techkit.ui.presenters.visit",
    "techkit.ui.presenters.sync",
    "techkit.ui.presenters.search",
    "techkit.ui.presenters.settings",
    "techkit.ui.presenters.upkeep",
    "techkit.ui.presenters.computer",
    "techkit.ui.presenters.customer",
    "techkit.ui.presenters.budgets",
    "techkit.ui.presenters.templates",
    "techkit.ui.presenters.due",
    "techkit.ui.presenters.how_to",
)

#: Loaded after those, one in each turn of the window, so that typing the passphrase never waits.
LATER_HERE = (
    "techkit.ui.models",
    "techkit.ui.widgets.overlay",
    "techkit.ui.widgets.palette",
    "techkit.ui.widgets.quiet",
    "techkit.ui.widgets.today",
    "techkit.ui.widgets.disputes",
    "techkit.ui.widgets.sync",
    "techkit.ui.widgets.settings",
    "techkit.ui.widgets.drawer",
    "techkit.ui.widgets.visit",
    "techkit.ui.widgets.ending",
    "techkit.ui.widgets.need",
    "techkit.ui.widgets.charts",
    "techkit.ui.widgets.exporting",
    "techkit.ui.widgets.verdicts",
    "techkit.ui.widgets.hands",
    "techkit.ui.widgets.rights",
    "techkit.ui.widgets.running",
    "techkit.ui.widgets.check",
    "PySide6.QtPrintSupport",
    "techkit.ui.widgets.print_sheet",
    "techkit.ui.widgets.attendance",
    "techkit.ui.widgets.drafts",
    "techkit.ui.widgets.files",
    "techkit.ui.widgets.planned",
    "techkit.ui.widgets.times",
    "techkit.ui.widgets.work",
    "techkit.ui.widgets.follow_ups",
    "techkit.ui.widgets.after",
    "techkit.ui.widgets.signature",
    "techkit.ui.widgets.sign_off",
    "techkit.ui.tables",
    "techkit.ui.places",
    "techkit.ui.widgets.lists",
    "techkit.ui.widgets.due",
    "techkit.ui.widgets.details",
    "techkit.ui.widgets.computer",
    "techkit.ui.widgets.budgets",
    "techkit.ui.widgets.customer",
    "techkit.ui.widgets.templates",
)

#: Steps of the text size in percent (Ctrl + and Ctrl −).
_SCALE_STEP = 10


def main(folder: Path | None = None) -> int:
    """Open the window over a folder's store and run until it is closed; return the exit code."""
    app = QApplication.instance() or QApplication(sys.argv[:1])
    assert isinstance(app, QApplication)  # noqa: S101 - nobody makes another kind here
    program = Program(app, folder or settings.folder())
    program.start()
    try:
        return app.exec()
    finally:
        program.close()


class Program(QObject):
    """The running program: its window, its lanes, and what is open.

    machine: gives the machine a check reads; this computer unless a test says otherwise. papers: where
    pages are kept as files. vault_limits: credentials' own unless a test says otherwise.
    """

    def __init__(
        self,
        app: QApplication,
        folder: Path,
        *,
        machine: Callable[[], Any] | None = None,
        clock: Any = None,
        is_portable: bool | None = None,
        papers: Path | None = None,
        vault_limits: Limits | None = None,
    ) -> None:
        super().__init__()
        self._papers = papers
        self._vault_limits = vault_limits
        self._app = app
        self._folder = folder
        self._machine = machine
        self._own_machine: Any = None
        self._clock = clock
        self._is_portable = settings.is_portable() if is_portable is None else is_portable
        self._early = settings.read_early(folder)
        self._session: Session | None = None
        self._unlock: Unlock | None = None
        self._unlock_page: UnlockPage | None = None
        self._trouble: Any = None
        self._is_starting = True
        self._hooked = False
        self._return_to: tuple[str, str] | None = None
        if self._early["language"]:
            i18n.set_language(self._early["language"])
        self.apply_look()
        self.shell = Shell()
        self.lanes = QtLanes(self.show_fault)
        self._sweeping = Sweeping(self.shell)

    # --- start and end ---------------------------------------------------------------------------

    def start(self) -> None:
        """Show the lock card; everything else follows the first paint."""
        self._sweeping.begin()
        self._hook_faults()
        self._show_lock_card()
        shell = self.shell
        shell.lock_asked.connect(self.lock)
        shell.text_size_asked.connect(self.change_text_size)
        shell.closing.connect(self._app.quit)
        self._app.styleHints().colorSchemeChanged.connect(self._follow_scheme)
        shell.show_on(shell.screen().availableGeometry())
        QTimer.singleShot(0, self, self._load_later)

    def close(self) -> None:
        """End what is under way, write what waits, close the store and the window."""
        self._close_session()
        self.lanes.close()
        if self._own_machine is not None:
            self._own_machine.close()
            self._own_machine = None
        self._sweeping.end()
        self._unhook_faults()
        self.shell.hide()
        self.shell.deleteLater()

    def _load_later(self) -> None:
        self.lanes.free(self._load_beside, lambda _nothing: self._load_here(iter(LATER_HERE)))

    def _load_beside(self, _ticket: Ticket) -> None:
        for name in LATER:
            importlib.import_module(name)
        self.lanes.man()
        theme.read_drawings()

    def _load_here(self, names: Iterator[str]) -> None:
        name = next(names, None)
        if name is None:
            self._loaded()
            return
        importlib.import_module(name)
        self.lanes.soon(lambda: self._load_here(names))

    def _loaded(self) -> None:
        self._sweeping.leave_out_what_is_there()
        theme.load_more_fonts()
        self._make_unlock()

    # --- the lock card -----------------------------------------------------------------------------

    def _show_lock_card(self) -> None:
        # As credentials.keys.has_vault, which would load too much before the first paint.
        has_vault = any((self._folder / name).exists() for name in ("vault.json", "vault.json.bak"))
        page = UnlockPage(UnlockState(mode="unlock" if has_vault else "first_start"))
        dark = IconButton("moon", _("Light or dark"), self.switch_look)
        page.add_corner(dark)
        page.add_corner(
            IconButton("text-aa", _("Larger text"), lambda: self.change_text_size(1), shortcut="Ctrl++")
        )
        self._unlock_page = page
        self.shell.show_view(page)
        page.focus_first()

    def _make_unlock(self) -> None:
        from techkit.ui.presenters.unlock import Unlock

        if self._unlock_page is None:
            return
        self._unlock = Unlock(
            self.lanes,
            self._folder,
            on_opened=self._opened,
            is_portable=self._is_portable,
            asks_system=self._is_starting,
            on_trouble=self.show_fault,
            limits=self._vault_limits,
        )
        self._is_starting = False
        self._unlock_page.attach(self._unlock)

    def lock(self) -> None:
        """Close everything that is open and show the lock card; the same visit opens again."""
        if self._session is None:
            return
        self._return_to = self._session.place()
        self._close_session()
        self._show_lock_card()
        self._make_unlock()

    def _opened(self, store: Store) -> None:
        page, self._unlock_page, self._unlock = self._unlock_page, None, None
        self._session = Session(self, store, self._return_to)
        self._session.start()
        if page is not None:
            self.shell.drop_view(page)

    def _close_session(self) -> None:
        session, self._session = self._session, None
        if session is not None:
            session.close()
            gc.collect()  # what was read is let go at once, not at the next session's quiet moment

    @property
    def unlock(self) -> Unlock | None:
        """The lock card's presenter; None until it is loaded, and once open."""
        return self._unlock

    @property
    def session(self) -> Session | None:
        """What is open, None while locked."""
        return self._session

    # --- what a session needs ----------------------------------------------------------------------

    def surroundings(self, store: Store) -> Surroundings:
        """Return the world around the presenters of an open store."""
        from techkit.ui.presenters.surroundings import Surroundings

        device = store.device
        extra: dict[str, Any] = {} if self._clock is None else {"clock": self._clock}
        return Surroundings(
            store=store,
            lanes=self.lanes,
            machine=self._machine or self.machine,
            technician=device.technician,
            reach=device.provider_reach,
            provider=device.provider,
            is_own_computer=not self._is_portable,
            **extra,
        )

    def check_passphrase(self, passphrase: str) -> None:
        """Refuse a passphrase that is not this device's; takes about a second, not on the UI thread.

        Raises: WrongPassphraseError, CredentialError.
        """
        from techkit.credentials import keys
        from techkit.credentials.slots import LIMITS

        keys.unlock(self._folder, passphrase, limits=self._vault_limits or LIMITS)

    def key_cards(self, store: Store) -> KeyCards:
        """Return what changes the passphrase and the recovery sheet of an open store."""
        from techkit.ui.key_cards import KeyCards

        return KeyCards(
            self.shell,
            self.lanes,
            self._folder,
            store,
            is_portable=self._is_portable,
            limits=self._vault_limits,
        )

    def papers_folder(self) -> Path | None:
        """Return where pages are kept as files: on a stick beside its store, else where the user keeps papers."""
        return self._papers or (self._folder.parent if self._is_portable else None)

    def machine(self) -> Any:
        """Return this computer, read by worker processes that stay warm."""
        if self._own_machine is None:
            from techkit.diagnostics.runner import MachineProbes

            hosts = settings.default("network.reference_hosts")
            self._own_machine = MachineProbes({"network.reference_hosts": hosts})
        return self._own_machine

    def ask_presence(self, told: Callable[[float | None], None]) -> None:
        """Ask the system for how long nobody touched this computer; None where it does not tell."""
        from techkit.diagnostics import presence

        self.lanes.free(lambda _ticket: presence.seconds_since_touch(), told)

    # --- the look -------------------------------------------------------------------------------------

    def apply_look(self) -> None:
        """Put the look of the settings in force."""
        scale = self._early["text.scale_percent"] / 100
        theme.apply(self._app, theme.follow_system(self._app, self._early["theme"], scale))

    def set_early(self, key: str, value: Any) -> None:
        """Follow a setting that changes the look or the language."""
        if self._early.get(key) == value:
            return
        self._early[key] = value
        if key == "language":
            i18n.set_language(value or "en")
        elif key in ("theme", "text.scale_percent"):
            self.apply_look()

    @property
    def is_portable(self) -> bool:
        """Whether techkit runs from a stick."""
        return self._is_portable

    @property
    def early(self) -> dict[str, Any]:
        """The settings that hold before unlocking, key -> value."""
        return dict(self._early)

    def switch_look(self) -> None:
        """Change between light and dark."""
        self._keep("theme", "light" if theme.look().name == "dark" else "dark")

    def change_text_size(self, step: int) -> None:
        """Make the text larger (1), smaller (-1) or as usual (0)."""
        declared = settings.declared("text.scale_percent")
        now = self._early["text.scale_percent"]
        wanted = 100 if step == 0 else now + step * _SCALE_STEP
        self._keep("text.scale_percent", max(declared.minimum, min(declared.maximum, wanted)))

    def _keep(self, key: str, value: Any) -> None:
        self.set_early(key, value)
        if self._session is not None:
            self._session.keep_setting(key, value)
        else:
            self.lanes.store(functools.partial(settings.remember, self._folder, key, value))

    def _follow_scheme(self) -> None:
        if self._early["theme"] == "system":
            self.apply_look()

    # --- trouble ----------------------------------------------------------------------------------------

    def show_fault(self, error: BaseException) -> None:
        """Show trouble nobody was asked about: the world's in its own words, ours as a fault."""
        from techkit.ui.widgets.trouble import Trouble

        if self._trouble is None:
            self._trouble = Trouble()
            self.shell.add_layer(self._trouble)
        if isinstance(error, TechkitError):
            advice = " ".join(part for part in (error.safe, error.advice) if part)
            self._trouble.show_trouble(error.title, advice, error.code)
            return
        import logging
        import traceback

        lines = "".join(traceback.format_exception(error))
        logging.getLogger(__name__).error("a fault of techkit", exc_info=error)
        self._trouble.show_trouble(
            _("techkit made a mistake"),
            _("What was saved is safe. Please go on; if it happens again, send the details to the office."),
            f"{type(error).__name__}: {str(error)[:200]}",
            lines,
        )

    def _hook_faults(self) -> None:
        self._hooked = True
        sys.excepthook = self._uncaught

    def _unhook_faults(self) -> None:
        if self._hooked:
            sys.excepthook = sys.__excepthook__
            self._hooked = False

    def _uncaught(self, kind: type[BaseException], error: BaseException, where: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            self._app.quit()
            return
        self.show_fault(error.with_traceback(where))
